/** What nodes tell of their load as rows of a table: an agent or a terminal each, wherever it runs. Pure. */
import type {
  AwayLoad,
  LoadAnswer,
  LoadedAgent,
  LoadedSession,
  NodeLoad,
  Use,
} from '@skein/protocol/machines/load';
import { cleanLine } from '../chat/model/clean.ts';

export interface TopRow {
  /** Stays the same from one look to the next. */
  key: string;
  kind: 'agent' | 'terminal';
  /** It shows its own interface, in its session's terminal. */
  pty: boolean;
  /** What the session is called on a command line, and this one. */
  session: string;
  ref: string;
  /** The node whose session it is; undefined for this machine's. */
  node: string | undefined;
  sessionId: string;
  agentId: string | undefined;
  /** What is run: the definition, or the command. */
  what: string;
  state: string;
  /** Cores and bytes; null where nobody knows. */
  cpu: number | null;
  memory: number | null;
  cost: Record<string, number>;
  tokens: { input: number; output: number };
  /** Milliseconds that its turn has lasted. */
  turn: number | null;
  queue: number;
  asks: number;
  /** Where it runs. */
  machine: string;
  /** Who looks at its session. */
  who: string[];
  /** May be stopped by the one who asks. */
  mine: boolean;
  /** What is told is of a while ago: its machine does not answer. */
  old: boolean;
}

export interface Machine {
  name: string;
  here: boolean;
  reachable: boolean;
  error: string | undefined;
  /** Milliseconds since it told. */
  age: number | null;
  load: NodeLoad | undefined;
}

/** A terminal in which an agent shows its own interface is that agent's row. */
export function rowsOf({ here, away }: LoadAnswer): TopRow[] {
  const hosted = hostedHere(here, away);
  const own = here.sessions.flatMap((one) => sessionRows(one, here, undefined, false, hosted));
  const others = away.flatMap(({ load, node, reachable }) =>
    (load?.sessions ?? [])
      .filter((one) => one.hosted?.home !== here.peer)
      .flatMap((one) => sessionRows(one, load as NodeLoad, node, !reachable, hosted)),
  );
  return [...own, ...others];
}

export function machinesOf({ here, away }: LoadAnswer): Machine[] {
  const first = {
    name: cleanLine(here.node),
    here: true,
    reachable: true,
    error: undefined,
    age: 0,
    load: here,
  };
  const rest = away.map(({ node, reachable, error, age, load }) => ({
    ...{ name: cleanLine(node), here: false, reachable, age, load },
    error: error === undefined ? undefined : cleanLine(error),
  }));
  return [first, ...rest];
}

interface Hosted {
  use: Use | null;
  old: boolean;
}

/** What other machines tell of this one's agents, by agent. */
function hostedHere(here: NodeLoad, away: readonly AwayLoad[]): Map<string, Hosted> {
  const found = new Map<string, Hosted>();
  for (const { load, reachable } of away)
    for (const { hosted, agents } of load?.sessions ?? []) {
      if (hosted?.home !== here.peer) continue;
      const use = agents.find(({ agent }) => agent === hosted.agent)?.use ?? null;
      found.set(hosted.agent, { use, old: !reachable });
    }
  return found;
}

/** Who looks on, each once, with however many devices. */
function people(attached: LoadedSession['attached'], owner: string): string[] {
  return [...new Set(attached.map(({ name }) => cleanLine(name ?? owner)))];
}

function sessionRows(
  session: LoadedSession,
  load: NodeLoad,
  node: string | undefined,
  old: boolean,
  hosted: ReadonlyMap<string, Hosted>,
): TopRow[] {
  const { id, name, terminal, attached, agents, role } = session;
  const called = cleanLine(node === undefined ? name : `${node}:${name}`);
  const about = {
    session: called,
    ...{ node, sessionId: id },
    // What it calls itself may be another's name.
    machine: cleanLine(node ?? load.node),
    who: people(attached, node ?? 'you'),
    mine: role === 'operator' || role === 'owner',
    old,
  };
  const runsFor = session.hosted === undefined ? '' : ` for ${cleanLine(session.hosted.node)}`;
  const rows = agents
    .map((agent) => agentRow(agent, about, load, hosted))
    .map((row) => ({ ...row, what: row.what + runsFor }));
  // Whoever has an interface of its own shows it there.
  const shown = agents.some(({ pty, doing }) => pty === true && isUp(doing));
  if (terminal === null || shown) return rows;
  const nothing = { cost: {}, tokens: { input: 0, output: 0 }, turn: null, queue: 0, asks: 0 };
  const { cpu = null, memory = null } = terminal.use ?? {};
  const state = session.state === 'starting' ? 'starting' : 'running';
  const row: TopRow = {
    ...about,
    ...{
      key: id,
      kind: 'terminal',
      pty: false,
      ref: called,
      agentId: undefined,
      what: cleanLine(terminal.command),
    },
    ...{ state: agents.length > 0 ? 'running' : state, cpu, memory },
    ...nothing,
  };
  return [row, ...rows];
}

type About = Pick<TopRow, 'session' | 'node' | 'sessionId' | 'machine' | 'who' | 'mine' | 'old'>;

function agentRow(
  agent: LoadedAgent,
  about: About,
  { now }: NodeLoad,
  hosted: ReadonlyMap<string, Hosted>,
): TopRow {
  const { far, turn, queue, asks, cost, tokens, definition, doing } = agent;
  const there = far === undefined ? undefined : hosted.get(agent.agent);
  const use = far === undefined ? agent.use : (there?.use ?? null);
  return {
    ...about,
    ...{ key: `${about.sessionId}/${agent.agent}`, kind: 'agent', pty: agent.pty === true },
    ...{ ref: `${about.session}/${cleanLine(agent.name)}`, agentId: agent.agent },
    what: agent.model === null ? definition : `${definition} ${cleanLine(agent.model)}`,
    state:
      far === undefined || far.link === 'up' || !isUp(doing)
        ? doing
        : far.link === 'placing'
          ? 'placing'
          : 'away',
    ...{ cpu: use?.cpu ?? null, memory: use?.memory ?? null },
    ...{ cost, tokens, turn: turn === null ? null : Math.max(0, now - turn), queue, asks },
    machine: far === undefined ? about.machine : cleanLine(far.node),
    old: about.old || (there?.old ?? false),
  };
}

function isUp(doing: LoadedAgent['doing']): boolean {
  return doing !== 'stopped' && doing !== 'exited' && doing !== 'failed';
}
