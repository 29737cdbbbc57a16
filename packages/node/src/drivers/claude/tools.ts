/** What Claude Code's tools are in everybody's terms: their kind, what they are called, the files they touch, the change they make. */
import type { AgentEvents, Diff, ToolKind } from '@skein/protocol/agents/events';
import { payload, textDiff, wordOf } from '../bounds.ts';
import type { CallNews } from '../calls.ts';

const KINDS: Record<string, ToolKind> = {
  Bash: 'execute',
  BashOutput: 'execute',
  KillShell: 'execute',
  Write: 'edit',
  Edit: 'edit',
  MultiEdit: 'edit',
  NotebookEdit: 'edit',
  Read: 'read',
  NotebookRead: 'read',
  Glob: 'search',
  Grep: 'search',
  LS: 'search',
  WebFetch: 'fetch',
  WebSearch: 'fetch',
  Task: 'think',
  Agent: 'think',
  TodoWrite: 'think',
  EnterPlanMode: 'switch_mode',
  ExitPlanMode: 'switch_mode',
};

type ToolInput = Record<string, unknown>;
const text = (input: ToolInput, key: string) => {
  const value = Object.hasOwn(input, key) ? input[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export function kindOf(name: string): ToolKind {
  return Object.hasOwn(KINDS, name) ? (KINDS[name] as ToolKind) : 'other';
}

/** What a call's name and input tell. */
export function newsOf(name: string, input: ToolInput): CallNews {
  const path = text(input, 'file_path') ?? text(input, 'notebook_path') ?? text(input, 'path');
  const detail =
    text(input, 'command') ?? path ?? text(input, 'pattern') ?? text(input, 'url') ?? text(input, 'query');
  const diffs = path === undefined ? [] : diffsOf(name, path, input);
  return {
    name,
    kind: kindOf(name),
    title: detail ?? text(input, 'description') ?? name,
    paths: path === undefined ? [] : [path],
    input: payload(input),
    ...(diffs.length === 0 ? {} : { diffs }),
  };
}

function diffsOf(name: string, path: string, input: ToolInput): Diff[] {
  const string = (value: unknown) => (typeof value === 'string' ? value : '');
  if (name === 'Write') return [textDiff(path, null, string(input.content))];
  if (name === 'Edit') return [textDiff(path, string(input.old_string), string(input.new_string))];
  if (name === 'MultiEdit' && Array.isArray(input.edits)) {
    return (input.edits as ToolInput[])
      .slice(0, 64)
      .map((edit) => textDiff(path, string(edit?.old_string), string(edit?.new_string)));
  }
  return [];
}

/** The plan that a TodoWrite call sets; undefined for any other call. */
export function planOf(name: string, input: ToolInput): AgentEvents['plan.set']['entries'] | undefined {
  if (name !== 'TodoWrite' || !Array.isArray(input.todos)) return undefined;
  const states = { pending: 'pending', in_progress: 'doing', completed: 'done' } as const;
  return (input.todos as ToolInput[]).slice(0, 512).map((todo) => ({
    text: wordOf(todo?.content ?? '')
      .slice(0, 1024)
      .toWellFormed(),
    state: Object.hasOwn(states, wordOf(todo?.status))
      ? states[todo.status as keyof typeof states]
      : 'pending',
  }));
}

/** A tool's result: its text, where it is nothing but text. */
export function outputOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content ?? '';
  const texts = content.map((block) => (block?.type === 'text' ? block.text : undefined));
  return texts.every((one) => typeof one === 'string') ? texts.join('\n') : content;
}
