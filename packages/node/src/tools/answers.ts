/** Answers of tools: what is wrong with an input, in words that say where and what would be right (rules K5, N1). Pure. */
import type { ErrorCode } from '@skein/protocol/errors';
import { SkeinError } from '@skein/protocol/errors';
import { MAX_TOOL_TEXT } from '@skein/protocol/tools/limits';
import type { Tool, ToolAnswer } from '@skein/protocol/tools/tool';
import type * as z from 'zod';
import { nearest } from '../actors/nearest.ts';

/** Issues that are told at a time. */
const MAX_ISSUES = 5;

type Failed = Extract<ToolAnswer, { ok: false }>;

export function failed(error: SkeinError): Failed {
  const { code, message, data } = error;
  const field = (data as { field?: unknown } | undefined)?.field;
  return {
    ...{ ok: false, code, message },
    ...(typeof field === 'string' ? { field } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

/** The input, checked, with its defaults; or what to answer instead. */
export function checked(tool: Tool, input: unknown): { input: unknown } | { failed: Failed } {
  const parsed = tool.input.safeParse(input ?? {});
  if (parsed.success) return { input: parsed.data };
  const { issues } = parsed.error;
  const told = issues.slice(0, MAX_ISSUES).map((issue) => sentence(issue, tool));
  const [first] = issues;
  return { failed: bad(told.join(' '), first === undefined ? undefined : fieldOf(first)) };
}

function bad(message: string, field: string | undefined): Failed {
  const code: ErrorCode = 'bad_request';
  return { ok: false, code, message, ...(field === undefined || field === '' ? {} : { field }) };
}

function sentence(issue: z.core.$ZodIssue, tool: Tool): string {
  const field = fieldOf(issue);
  const known = Object.keys(tool.input.shape);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const near = nearest(known, key, (one) => one)[0];
    return `"${key}" is no field of "${tool.name}"${near === undefined ? '.' : `; did you mean "${near}"?`} It has: ${known.join(', ') || 'none'}.`;
  }
  if (field === '') return `The input of "${tool.name}" is an object: ${issue.message}.`;
  return `"${field}" is not right: ${issue.message}.`;
}

/** `agents[0].name`. */
function fieldOf({ path, ...issue }: z.core.$ZodIssue): string {
  const all =
    issue.code === 'unrecognized_keys' ? [...path, ...(issue as { keys: string[] }).keys.slice(0, 1)] : path;
  return all.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** A refusal that names the field of the input that it is about. */
export function wrong(field: string, message: string, code: ErrorCode = 'not_found', data = {}): SkeinError {
  return new SkeinError(code, message, { field, ...data });
}

/** As much of a text as an answer may hold; the end of it where that says more. */
export function bounded(text: string, end = false, most = MAX_TOOL_TEXT): { text: string; cut: boolean } {
  if (text.length <= most) return { text, cut: false };
  const gone = text.length - most;
  return end
    ? { text: `… ${gone} characters before are left out.\n${text.slice(-most)}`, cut: true }
    : { text: `${text.slice(0, most)}\n… ${gone} characters more are left out.`, cut: true };
}
