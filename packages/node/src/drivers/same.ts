/** What makes two calls the same to whoever answers one of them for always (rule A5): all that they are to do. Pure. */
import { hash } from 'node:crypto';
import type { AgentEvents, ToolKind } from '@skein/protocol/agents/events';
import { title } from './bounds.ts';

type Told = Pick<AgentEvents['tool.updated'], 'name' | 'title' | 'input'> & { kind: ToolKind };

/** A digest of the call; undefined where its input, or its title for want of one, is not told whole. */
export function sameOf({ name, kind, input, title: named }: Told): string | undefined {
  const what = input === undefined ? wholeTitle(named) : wholeInput(input, kind);
  if (what === undefined) return undefined;
  return hash('sha256', JSON.stringify([name ?? null, kind, what]), 'base64url');
}

function wholeInput(input: NonNullable<Told['input']>, kind: ToolKind): string | undefined {
  if ('json' in input) return canonical(kind === 'execute' ? unlabelled(input.json) : input.json);
  return input.cut === undefined ? input.text : undefined;
}

/** In an event a title is one line of limited length. */
function wholeTitle(text: string | undefined): string | undefined {
  return text !== undefined && title(text) === text ? text : undefined;
}

/** Without the words by which an agent labels a command, other ones each time, and which do nothing. */
function unlabelled(value: unknown): unknown {
  if (!isObject(value) || value.command === undefined) return value;
  const { description: _, ...rest } = value;
  return rest;
}

/** The same text for the same value, in whatever order its keys came. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
