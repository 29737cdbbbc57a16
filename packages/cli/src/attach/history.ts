/** What has scrolled away in a session, printed before it is shown: the terminal's own history begins with it then. */
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../connect/node.ts';
import { placeOf } from '../connect/place.ts';
import { writeAll } from '../output/write.ts';
import { terminalSize } from './user-terminal.ts';

/** Up to so many lines, of a session that has a screen. */
export async function printHistory(home: string, ref: string, lines: number): Promise<void> {
  const { node, ref: there } = placeOf(ref);
  const client = await connectNode(home, { node });
  try {
    const { attached, run } = await client.ask('session', { ref: there });
    const { data, rows } = await client.ask('screen', { ref: there, form: 'ansi', history: lines });
    // A taller terminal is filled from above, at once where nobody else looks on.
    const counts = run?.state === 'running' && attached.length === 0;
    const shown = counts ? Math.max(rows, terminalSize().rows) : rows;
    // One line a row, each ended by a line feed and plain at its end.
    const above = data.split('\n').slice(0, -shown - 1);
    if (above.length > 0) writeAll(1, `${above.join('\r\n')}\r\n`);
  } catch (thrown) {
    // What is shown of it instead is another thing.
    if (SkeinError.from(thrown).code !== 'no_terminal') throw thrown;
  } finally {
    client.close();
  }
}
