/** Plans and what is there, as people read them. */
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import type { Action, Held, Plan, Sign } from './action.ts';
import { ofProject, type Present } from './present.ts';
import type { Wanted } from './wanted.ts';

const NEEDS: Record<Held['needs'], string> = {
  restart: ' (with --restart)',
  prune: ' (with --prune)',
  you: '',
};

const colourOf = (sign: Sign, paint: Paint) =>
  sign === '+' ? paint.green : sign === '-' ? paint.red : paint.yellow;

export function actionRow({ sign, what, why }: Pick<Action, 'sign' | 'what' | 'why'>, paint: Paint): Cell[] {
  return [
    { text: sign, paint: colourOf(sign, paint) },
    { text: visible(what) },
    { text: visible(why), paint: paint.dim },
  ];
}

export function planText({ actions, held, notes }: Omit<Plan, 'conflicts'>, paint: Paint): string {
  const rows = actions.map((action) => actionRow(action, paint));
  const left = held.map(({ needs, ...one }) =>
    actionRow({ ...one, why: `${one.why}${NEEDS[needs]}` }, paint),
  );
  return [
    rows.length === 0 ? '' : table(rows),
    left.length === 0 ? '' : `${rows.length === 0 ? '' : 'Not done:\n'}${table(left)}`,
    ...notes.map((note) => `${visible(note)}\n`),
  ].join('');
}

export interface Row {
  kind: 'workspace' | 'session' | 'agent';
  /** As the file calls it: `api`, `api/lead`. */
  part: string;
  /** What it is called now. */
  name: string;
  state: string;
  /** False for what the file does not name any more. */
  declared: boolean;
  id: string | null;
}

/** What a project has, and what of it is missing; `wanted` undefined where no file was read. */
export function rowsOf(project: string, present: Present, wanted: Wanted | undefined): Row[] {
  const rows: Row[] = [];
  for (const { id, name, life, label } of ofProject(present.workspaces, project)) {
    const part = label?.part ?? '';
    const declared = wanted === undefined || wanted.workspaces[part] !== undefined;
    rows.push({ kind: 'workspace', part, name, state: life, declared, id });
  }
  for (const { id, name, label, terminal, agents } of ofProject(present.sessions, project)) {
    const part = label?.part ?? '';
    const one = wanted?.sessions[part];
    const declared = wanted === undefined || one !== undefined;
    rows.push({ kind: 'session', part, name, state: terminal ?? '-', declared, id });
    for (const agent of ofProject(agents, project)) {
      const known = wanted === undefined || one?.agents[agent.name] !== undefined;
      const [called, within] = [`${part}/${agent.name}`, `${name}/${agent.name}`];
      rows.push({
        kind: 'agent',
        part: called,
        name: within,
        state: agent.doing,
        declared: known,
        id: agent.id,
      });
    }
  }
  const there = new Set(rows.map(({ kind, part }) => `${kind} ${part}`));
  for (const { kind, id, name } of wanted?.order ?? []) {
    const part = kind === 'workspace' ? name : id;
    if (!there.has(`${kind} ${part}`))
      rows.push({ kind, part, name: '', state: 'missing', declared: true, id: null });
  }
  return rows;
}

export function rowsText(rows: readonly Row[], paint: Paint): string {
  const head = ['KIND', 'PART', 'NAME', 'STATE', ''].map((text) => ({ text, paint: paint.dim }));
  const lines = rows.map(({ kind, part, name, state, declared }): Cell[] => {
    const good = ['running', 'ready', 'idle', 'working'].includes(state);
    const bad = state === 'missing' || state === 'failed' || state === 'lost';
    return [
      { text: kind, paint: paint.dim },
      { text: visible(part), paint: paint.bold },
      { text: name === part || name === '' ? '-' : visible(name) },
      { text: state, paint: good ? paint.green : bad ? paint.red : paint.dim },
      { text: declared ? '' : 'not in the file any more', paint: paint.yellow },
    ];
  });
  return table([head, ...lines]);
}

/** `3 to make, 1 to change`: how much a plan does. */
export function countText(actions: readonly { sign: Sign }[]): string {
  const count = (sign: Sign) => actions.filter((one) => one.sign === sign).length;
  const parts = [
    [count('+'), 'made'],
    [count('~'), 'changed'],
    [count('-'), 'ended'],
  ] as const;
  return parts.flatMap(([n, done]) => (n === 0 ? [] : [`${n} ${done}`])).join(', ');
}
