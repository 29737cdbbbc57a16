/** Types into a session: straight to its host, and ends when the host has taken everything (rule H3). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { keysBytes } from '@skein/protocol/text/keys';
import { byLane, bySocket } from '../../attach/viewer-stream.ts';
import { findWay } from '../../attach/way.ts';
import { askNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import { readStdin } from '../../connect/stdin.ts';
import type { Call } from '../../invocation/call.ts';
import { printJson } from '../../output/write.ts';
import { Delivery } from './delivery.ts';

/** Bytes that are typed at a time: far more than anybody pastes. */
const MOST_TYPED = 256 * 1024 * 1024;
/** Milliseconds for which a node that restarts is waited for, while stdin is read or after. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<void> {
  const text = call.arg('text');
  const keys = call.text('keys');
  if (text === undefined && keys === undefined && !call.flag('enter')) {
    throw new SkeinError('bad_request', 'Nothing to send: give a text, --keys or --enter.', {
      see: 'skein send --help',
    });
  }
  const plain = keys === undefined ? '' : keysBytes(keys);
  const application = keys === undefined ? '' : keysBytes(keys, true);
  const { node, ref } = placeOf(call.needed('ref'));
  const { client, answer: session } = await askNode(call.home, 'session', { ref }, node, here(node));
  // Read only now: a command that finds no node is run again, and stdin can be read once.
  const typed = text === '-' ? await readStdin(MOST_TYPED) : Buffer.from(text ?? '');
  const pressed = plain !== application && (await wantsApplication(client, session.id)) ? application : plain;
  const bytes = Buffer.concat([typed, Buffer.from(`${pressed}${call.flag('enter') ? '\r' : ''}`)]);
  const { id, name, run } = session;
  const ended = () => new SkeinError('not_running', `Session "${name}" has no running program.`, { id });
  if (node === undefined) {
    // Asked for only now: a right lives for seconds, and stdin may take its time.
    const right = await client.ask('right', { ref: id, role: 'write' });
    if ('ended' in right) throw ended();
    client.close();
    await new Delivery(bytes).run(bySocket(right));
  } else {
    if (run?.state !== 'running') throw ended();
    const again = async () => {
      const found = await findWay(call.home, { node, ref: id }, false);
      if (found.kind === 'ended') throw ended();
      return found.way.first;
    };
    await new Delivery(bytes, again).run(byLane(client, id, 'write'));
  }
  if (call.json) printJson({ id, name, bytes: bytes.length });
}

/** To another machine the way is had again by the delivery itself, which knows what was typed. */
function here(node: string | undefined): number {
  return node === undefined ? RETRY_MS : 0;
}

/** Whether the program has asked for application cursor keys; where nothing is told of that, as terminals begin. */
async function wantsApplication(client: Client, ref: string): Promise<boolean> {
  const screen = await client.ask('screen', { ref, form: 'text' }).catch(() => undefined);
  return screen?.applicationCursor ?? false;
}
