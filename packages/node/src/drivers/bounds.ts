/** Makes what an agent says fit the events: texts well-formed and cut to their limits, values plain and not too deep. */

import type { Diff, Payload } from '@skein/protocol/agents/events';
import {
  MAX_AGENT_ID,
  MAX_AGENT_PATH,
  MAX_AGENT_PATHS,
  MAX_AGENT_TEXT,
  MAX_AGENT_TITLE,
} from '@skein/protocol/agents/limits';
import { deeper } from '@skein/protocol/deeper';

/** Characters of a value's JSON, and levels in it, up to which it is kept as a value; beyond, as the text of its JSON. */
const MAX_JSON = 64 * 1024;
const MAX_DEPTH = 32;

/** The first `limit` characters, never half of one. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit).toWellFormed();
}

/** One line that names something: what follows the first line is left out. */
export function title(text: string): string {
  const end = text.search(/[\r\n]/);
  return cut(end < 0 ? text : text.slice(0, end), MAX_AGENT_TITLE);
}

/** A text, whatever JSON is where one was expected: not every object of JSON can be made one by itself. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

export const path = (text: string) => cut(text, MAX_AGENT_PATH);
export const paths = (list: readonly string[]) => [...new Set(list.map(path))].slice(0, MAX_AGENT_PATHS);

/** An identifier of the agent's. One that is too long becomes its beginning and a hash, so that two stay two. */
export function ident(text: string): string {
  if (text.length <= MAX_AGENT_ID) return text.toWellFormed();
  return `${cut(text, MAX_AGENT_ID - 20)}~${hashText(0, text)}`;
}

/** A text that may be cut, with how long it was. */
export function cutText(text: string): { text: string; cut?: number } {
  return text.length <= MAX_AGENT_TEXT
    ? { text: text.toWellFormed() }
    : { text: cut(text, MAX_AGENT_TEXT), cut: text.length };
}

/** The same text in pieces that fit. */
export function pieces(text: string): string[] {
  const out: string[] = [];
  for (let rest = text; rest.length > 0; ) {
    const piece = cut(rest, MAX_AGENT_TEXT);
    out.push(piece);
    rest = rest.slice(piece.length);
  }
  return out;
}

export function payload(value: unknown): Payload {
  if (typeof value === 'string') return cutText(value);
  const json = JSON.stringify(value) ?? 'null';
  return json.length <= MAX_JSON && !deeper(value, MAX_DEPTH) ? { json: value } : cutText(json);
}

export function textDiff(file: string, before: string | null, after: string): Diff {
  const longest = Math.max(before?.length ?? 0, after.length);
  const fits = longest <= MAX_AGENT_TEXT;
  return {
    path: path(file),
    before: before === null ? null : cut(before, MAX_AGENT_TEXT),
    after: cut(after, MAX_AGENT_TEXT),
    ...(fits ? {} : { cut: longest }),
  };
}

export function patchDiff(file: string, patch: string): Diff {
  const { text, ...rest } = cutText(patch);
  return { path: path(file), patch: text, ...rest };
}

/** Goes on with a hash over a text's UTF-16 units: two 26-bit FNV halves, exact in a double, so that pieces equal the whole. */
export function hashText(before: number, text: string): number {
  let low = before % 0x4000000;
  let high = Math.floor(before / 0x4000000);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193) & 0x3ffffff;
    high = (Math.imul(high ^ unit, 0x01000195) + low) & 0x3ffffff;
  }
  return high * 0x4000000 + low;
}
