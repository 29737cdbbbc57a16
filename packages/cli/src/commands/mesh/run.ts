/** Shows and changes how this node meets others. */
import { readFileSync } from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { table } from '@skein/protocol/text/table';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

/** Milliseconds in which a relay that was just named should have answered. */
const RELAY_MS = 5_000;

export async function run(call: Call): Promise<void> {
  if (call.flag('on') && call.flag('off'))
    throw new SkeinError('bad_request', 'Give --on or --off, not both.');
  const client = await connectNode(call.home);
  const change = {
    ...(call.texts('relay').length > 0 ? { on: true, add: call.texts('relay') } : {}),
    ...(call.texts('listen').length > 0 ? { on: true, listen: places(call.texts('listen')) } : {}),
    ...(call.texts('no-relay').length > 0 ? { remove: call.texts('no-relay') } : {}),
    ...(call.text('name') === undefined ? {} : { name: call.text('name') ?? '' }),
    ...(call.flag('on') ? { on: true } : {}),
    ...(call.flag('off') ? { on: false } : {}),
  };
  const admission = call.text('admission');
  if (admission !== undefined) {
    const [relay, second] = call.texts('relay');
    if (relay === undefined || second !== undefined)
      throw new SkeinError('bad_request', '--admission is for one relay: give that with --relay.');
    const token = readFileSync(admission === '-' ? 0 : admission, 'utf8').trim();
    await client.ask('admission', { relay, token });
  }
  const changed = Object.keys(change).length > 0;
  if (changed) await client.command('peers', 'mesh.configure', change);
  const answer = await client.ask('mesh', changed ? { wait: RELAY_MS } : {});
  if (call.json) return printJson(answer);
  print(describeMesh(answer, paintFor(call.flag('no-color'))));
}

/** Nothing in particular is this machine alone. */
function places(given: string[]): string[] {
  return given.filter((place) => place !== 'default');
}

function describeMesh({ on, id, name, addrs, relays, error }: MeshAnswer, paint: Paint): string {
  const line = (head: string, text: string) => [{ text: head, paint: paint.dim }, { text }];
  const state = on ? 'on' : error === undefined ? 'off: turn it on with skein mesh --on' : 'off';
  return table([
    line('mesh', state),
    ...(error === undefined ? [] : [line('error', error)]),
    line('name', name),
    line('peer', id),
    ...addrs.map((address) => line('listens', address)),
    ...relays.map((relay) =>
      line('relay', `${relay.url}, ${relay.state}${relay.error === undefined ? '' : `: ${relay.error}`}`),
    ),
  ]);
}
