/** Lists the sessions as a table, or as JSON. */
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { askNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { age, type Cell, type Paint, paintFor, shellWord, table } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { answer } = await askNode(call.home, 'listing', {});
  const all = JSON.parse(answer) as ListedSession[];
  const shown = call.flag('running') ? all.filter((s) => s.state === 'running') : all;
  if (call.json) return printJson(shown);
  if (shown.length > 0) return print(listing(shown, paintFor(call.flag('no-color')), Date.now()));
  print(all.length > 0 ? 'No session is running.' : 'No sessions. Start one: skein run bash');
}

/** The table that `ls` shows. */
export function listing(sessions: readonly ListedSession[], paint: Paint, now: number): string {
  const head = ['ID', 'NAME', 'STATE', 'ATTACHED', 'AGE', 'SIZE', 'COMMAND'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const { id, name, state, attached, created, size, argv } of sessions) {
    const colour = state === 'running' ? paint.green : state === 'starting' ? paint.yellow : paint.dim;
    const bad = state === 'failed' || state === 'lost';
    rows.push([
      { text: id, paint: paint.dim },
      { text: name, paint: paint.bold },
      { text: state, paint: bad ? paint.red : colour },
      { text: attached === 0 ? '-' : String(attached) },
      { text: age(now - created) },
      { text: size === null ? '-' : `${size.cols}x${size.rows}` },
      { text: shorten(argv.map(shellWord).join(' '), 60) },
    ]);
  }
  return table(rows);
}

function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
