/** What Codex's items mean: messages and thoughts that grow, commands and changes of files that run and end. */
import type { Diff, ToolKind } from '@skein/protocol/agents/events';
import { ident, patchDiff, payload, textDiff } from '../bounds.ts';
import { type CallNews, finishCall, tellCall } from '../calls.ts';
import type { Draft } from '../draft.ts';
import { type CodexState, MAX_TOLD } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<CodexState>;
type Phase = 'started' | 'completed';

/** One item's news. False when it is malformed. */
export function onItem(d: D, phase: Phase, raw: { type: string; id: string }, line: string): boolean {
  if (!wire.ITEMS.has(raw.type)) {
    if (phase === 'completed') d.note(`item:${raw.type}`, line);
    return true;
  }
  const parsed = wire.item.safeParse(raw);
  if (!parsed.success) return false;
  const item = parsed.data;
  switch (item.type) {
    case 'userMessage':
      // Our own prompt, told back.
      break;
    case 'agentMessage':
      if (phase === 'completed') onWhole(d, 'message', item.id, item.text);
      break;
    case 'reasoning':
      if (phase === 'completed') onWhole(d, 'thought', item.id, reasoningOf(item));
      break;
    default:
      onCall(d, phase, item);
  }
  return true;
}

/** A piece of a message or thought. `part` tells the paragraphs of one apart. */
export function onDelta(d: D, kind: 'message' | 'thought', id: string, text: string, part = ''): void {
  const known = ident(id);
  if (!d.s.told.includes(known)) d.s.told = [...d.s.told, known].slice(-MAX_TOLD);
  d.say(kind, text, { key: `${known}${part}` });
}

function onWhole(d: D, kind: 'message' | 'thought', id: string, whole: string): void {
  const known = ident(id);
  if (!d.s.told.includes(known)) d.say(kind, whole, { key: known });
  d.s.told = d.s.told.filter((one) => one !== known);
  // A thought's pieces were told by paragraphs, whose sum is not its text.
  const isOpen = d.s.open?.kind === kind && d.s.open.key.endsWith(` ${known}`);
  d.closeItem(isOpen && kind === 'message' ? whole : undefined);
}

export function reasoningOf(item: Extract<wire.Item, { type: 'reasoning' }>): string {
  return (item.summary.length > 0 ? item.summary : item.content).join('\n\n');
}

type CallItem = Exclude<wire.Item, { type: 'userMessage' | 'agentMessage' | 'reasoning' }>;

function onCall(d: D, phase: Phase, item: CallItem): void {
  const news = newsOf(item);
  const status = 'status' in item ? item.status : phase;
  if (phase === 'started') {
    const call = tellCall(d, item.id, news);
    if (item.type === 'commandExecution' && item.startedAtMs != null) call.began ??= item.startedAtMs;
    return;
  }
  if (status === 'declined') tellCall(d, item.id, {}).denied = true;
  finishCall(d, item.id, status === 'completed' ? 'done' : 'failed', news);
}

function newsOf(item: CallItem): CallNews {
  switch (item.type) {
    case 'commandExecution':
      return {
        ...commandNews(item.command, item.cwd, item.commandActions),
        ...(item.aggregatedOutput == null ? {} : { output: payload(item.aggregatedOutput) }),
      };
    case 'fileChange':
      return changeNews(item.changes);
    case 'mcpToolCall':
      return {
        name: `${item.server}.${item.tool}`,
        kind: 'other',
        title: `${item.server}.${item.tool}`,
        input: payload(item.arguments ?? null),
        ...((item.result ?? item.error) == null ? {} : { output: payload(item.result ?? item.error) }),
      };
    case 'dynamicToolCall':
      return {
        name: item.tool,
        kind: 'other',
        title: item.tool,
        input: payload(item.arguments ?? null),
        ...(item.contentItems == null ? {} : { output: payload(item.contentItems) }),
      };
    case 'webSearch':
      return { name: 'webSearch', kind: 'fetch', title: item.query };
    case 'imageView':
      return { name: 'imageView', kind: 'read', title: item.path, paths: [item.path] };
  }
}

const ACTIONS: Record<string, ToolKind> = { read: 'read', listFiles: 'search', search: 'search' };

export function commandNews(
  command: string,
  cwd: string | null | undefined,
  actions: readonly { type: string; path?: string | null | undefined }[],
): CallNews {
  const kinds = new Set(
    actions.map(({ type }) => (Object.hasOwn(ACTIONS, type) ? ACTIONS[type] : 'execute')),
  );
  const [only] = kinds;
  const paths = actions.flatMap(({ path }) => (path ? [path] : []));
  return {
    name: 'shell',
    kind: kinds.size === 1 && only !== undefined ? only : 'execute',
    title: command,
    paths,
    input: payload({ command, ...(cwd ? { cwd } : {}) }),
  };
}

export function changeNews(changes: readonly wire.Change[]): CallNews {
  const paths = changes.flatMap(({ path, kind }) => (kind.move_path ? [path, kind.move_path] : [path]));
  const types = new Set(changes.map((change) => change.kind.type));
  return {
    name: 'apply_patch',
    kind: types.size === 1 && types.has('delete') ? 'delete' : 'edit',
    title: paths.join(', '),
    paths,
    diffs: changes.slice(0, 64).map(diffOf),
  };
}

/** A new file's diff is its text, and so is a removed one's; any other is a patch. */
function diffOf({ path, kind, diff }: wire.Change): Diff {
  if (kind.type === 'add') return textDiff(path, null, diff);
  if (kind.type === 'delete') return textDiff(path, diff, '');
  return patchDiff(path, diff);
}
