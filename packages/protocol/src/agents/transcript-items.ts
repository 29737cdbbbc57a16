/** Changes to the turns of a transcript and their items; each gives a new transcript and leaves the old as it was. */
import type { AgentEvents, Diff, Payload } from './events.ts';
import type { ApprovalItem, Item, TextItem, ToolItem, Transcript, Turn } from './transcript.ts';

/** Characters of one message, thought, tool's input or output that a transcript keeps: what somebody may read at once. */
export const SHOWN = 256 * 1024;

/** Changes one turn, looked for from the end; what belongs to no turn gets one of its own. */
export function onTurn(
  t: Transcript,
  run: string,
  turn: string | null,
  at: number,
  change: (was: Turn) => Turn,
): Transcript {
  const index = t.turns.findLastIndex((one) => one.turn === turn && one.run === run);
  const was: Turn = t.turns[index] ?? { turn, run, prompt: null, replayed: false, startedAt: at, items: [] };
  return { ...t, turns: index < 0 ? [...t.turns, change(was)] : t.turns.with(index, change(was)) };
}

/** Changes one item of a turn, or adds it. `make` is given what is there. */
export function onItem<T extends Item>(
  t: Transcript,
  run: string,
  turn: string | null,
  at: number,
  type: T['type'],
  id: string,
  make: (was: T | undefined) => T,
): Transcript {
  return onTurn(t, run, turn, at, (whole) => {
    const index = whole.items.findLastIndex((item) => item.id === id && item.type === type);
    const made = make(whole.items[index] as T | undefined);
    return { ...whole, items: index < 0 ? [...whole.items, made] : whole.items.with(index, made) };
  });
}

type Piece = AgentEvents['thought.delta'];
type PieceEnd = AgentEvents['thought.ended'];

export function onText(
  t: Transcript,
  type: 'message' | 'thought',
  from: 'agent' | 'user',
  piece: Piece,
  at: number,
): Transcript {
  return onItem<TextItem>(t, piece.run, piece.turn, at, type, piece.item, (was) => {
    const item = was ?? emptyText(type, from, piece);
    const room = Math.max(0, SHOWN - item.text.length);
    const kept = piece.text.length <= room ? piece.text : piece.text.slice(0, room);
    return { ...item, text: item.text + kept, hidden: item.hidden + piece.text.length - kept.length };
  });
}

export function onTextEnd(t: Transcript, type: 'message' | 'thought', end: PieceEnd, at: number): Transcript {
  return onItem<TextItem>(t, end.run, end.turn, at, type, end.item, (was) => {
    const item = { ...(was ?? emptyText(type, 'agent', end)), ended: true };
    if (end.text === undefined) return item;
    return { ...item, text: end.text.slice(0, SHOWN), hidden: Math.max(0, end.text.length - SHOWN) };
  });
}

function emptyText(
  type: 'message' | 'thought',
  from: 'agent' | 'user',
  piece: { item: string; parent?: string | undefined },
): TextItem {
  const parent = piece.parent === undefined ? {} : { parent: piece.parent };
  return { type, id: piece.item, from, ...parent, text: '', hidden: 0, ended: false };
}

export function onTool(
  t: Transcript,
  body: AgentEvents['tool.updated'],
  at: number,
  state?: ToolItem['state'],
): Transcript {
  return onItem<ToolItem>(t, body.run, body.turn, at, 'tool', body.call, (was) => {
    const item: ToolItem = was ?? {
      type: 'tool',
      id: body.call,
      kind: 'other',
      title: body.call,
      paths: [],
      diffs: [],
      state: 'running',
    };
    return {
      ...item,
      ...(body.parent === undefined ? {} : { parent: body.parent }),
      ...(body.name === undefined ? {} : { name: body.name }),
      kind: body.kind ?? item.kind,
      title: body.title ?? item.title,
      paths: body.paths ?? item.paths,
      ...(body.input === undefined ? {} : { input: shown(body.input) }),
      ...(body.output === undefined ? {} : { output: shown(body.output) }),
      diffs: body.diffs?.map(shownDiff) ?? item.diffs,
      state: state ?? item.state,
    };
  });
}

function shown(whole: Payload): Payload {
  if (!('text' in whole) || whole.text.length <= SHOWN) return whole;
  return { text: whole.text.slice(0, SHOWN), cut: whole.cut ?? whole.text.length };
}

function shownDiff(whole: Diff): Diff {
  const longest =
    'patch' in whole ? whole.patch.length : Math.max(whole.before?.length ?? 0, whole.after.length);
  if (longest <= SHOWN) return whole;
  const cut = whole.cut ?? longest;
  return 'patch' in whole
    ? { ...whole, patch: whole.patch.slice(0, SHOWN), cut }
    : { ...whole, before: whole.before?.slice(0, SHOWN) ?? null, after: whole.after.slice(0, SHOWN), cut };
}

export function onApproval(t: Transcript, run: string, id: string, state: ApprovalItem['state']): Transcript {
  const at = t.turns.findLastIndex(
    (turn) => turn.run === run && turn.items.some((item) => item.type === 'approval' && item.id === id),
  );
  const turn = t.turns[at];
  if (turn === undefined) return t;
  const items = turn.items.map((item) =>
    item.type === 'approval' && item.id === id ? { ...item, state } : item,
  );
  return { ...t, turns: t.turns.with(at, { ...turn, items }) };
}

export function remark(
  t: Transcript,
  type: 'note' | 'fault',
  run: string,
  turn: string | null,
  text: string,
  at: number,
): Transcript {
  return onTurn(t, run, turn, at, (was) => ({
    ...was,
    items: [...was.items, { type, id: `${type}${was.items.length}`, text }],
  }));
}
