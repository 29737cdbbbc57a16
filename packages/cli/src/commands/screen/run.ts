/** Prints a session's screen, of a live program or as an ended one left it. */
import { SkeinError } from '@skein/protocol/errors';
import { MAX_HISTORY } from '@skein/protocol/limits';
import { askNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson, writeAll } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  if (call.flag('text') && call.flag('ansi'))
    throw new SkeinError('bad_request', 'Give --text or --ansi, not both.');
  const history = call.integer('history', MAX_HISTORY) ?? 0;
  const form = call.flag('ansi') ? 'ansi' : 'text';
  const { node, ref } = placeOf(call.needed('ref'));
  const { answer: screen } = await askNode(call.home, 'screen', { ref, form, history }, node);
  if (call.json) printJson(screen);
  // Empty lines at the end are only what the terminal has left.
  else if (form === 'ansi') writeAll(1, `${screen.data.replace(/\n+$/, '')}\n`);
  else print(screen.data.replace(/\n+$/, ''));
}
