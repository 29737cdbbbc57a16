/** The sessions as a table for people: made where the sessions are, because a client that has just started is slow at it. */
import type { Paint } from '../text/paint.ts';
import { type Cell, table } from '../text/table.ts';
import { age, shellWord, visible } from '../text/words.ts';
import type { ListedSession } from './asks.ts';

/** A session to be shown; of one that cannot be asked about little is known. */
type Shown = Omit<ListedSession, 'state' | 'created'> & {
  state: ListedSession['state'] | 'unknown';
  created: number | undefined;
};

/** One line a session under a head; nothing of it can move a cursor. */
export function listing(sessions: readonly Shown[], paint: Paint, now: number): string {
  const head = ['ID', 'NAME', 'STATE', 'ATTACHED', 'AGE', 'SIZE', 'COMMAND'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const { id, name, state, attached, created, size, argv, agents = [], hosted } of sessions) {
    const colour = state === 'running' ? paint.green : state === 'starting' ? paint.yellow : paint.dim;
    const bad = state === 'failed' || state === 'lost';
    rows.push([
      { text: id, paint: paint.dim },
      { text: visible(name), paint: paint.bold },
      { text: state, paint: bad ? paint.red : colour },
      { text: attached === 0 ? '-' : String(attached) },
      { text: created === undefined ? '-' : age(now - created) },
      { text: size === null ? '-' : `${size.cols}x${size.rows}` },
      whatRuns(argv, agents, hosted, paint),
    ]);
  }
  return table(rows);
}

/** A program as it was started; agents with what they do, beside it or instead of it. */
function whatRuns(
  argv: string[],
  agents: NonNullable<Shown['agents']>,
  hosted: Shown['hosted'],
  paint: Paint,
): Cell {
  const command = shorten(argv.map(shellWord).join(' '), 60);
  if (agents.length === 0) return { text: command };
  const told = agents
    .map(({ name, doing, workspace, on, away }) => {
      const where = workspace === undefined ? '' : ` in ${visible(workspace)}`;
      const machine = on === undefined ? '' : ` @${visible(on)}`;
      return `${visible(name)}${machine} ${doing}${where}${away === undefined ? '' : ` (${visible(away)})`}`;
    })
    .join(', ');
  const asks =
    agents.some(({ doing }) => doing === 'waiting' || doing === 'stuck') ||
    agents.some(({ away }) => away !== undefined);
  const whose = hosted === undefined ? '' : `, for ${visible(hosted.node)}:${visible(hosted.name)}`;
  // A session that began with an agent has its definition's name for a command.
  const [word] = argv;
  const began = argv.length === 1 && agents.some(({ definition }) => definition === word);
  return {
    text: shorten(`${began ? told : `${command} + ${told}`}${whose}`, 80),
    ...(asks ? { paint: paint.yellow } : {}),
  };
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
