/** Shows and changes how this node meets others. */
import { readFileSync } from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import { isListenPlace } from '@skein/protocol/peers/listen-place';
import { parseRelayAddress } from '@skein/protocol/relay/address';
import type { Paint } from '@skein/protocol/text/paint';
import { table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { placeText, relaysOf, relayText } from '../../connect/relays.ts';
import { readStdin } from '../../connect/stdin.ts';
import { waiting } from '../../connect/waiting.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

/** Milliseconds in which a relay that was just named should have answered. */
const RELAY_MS = 5_000;
/** Bytes on stdin: a token has far fewer. */
const MOST_TOKEN = 64 * 1024;

export async function run(call: Call): Promise<number> {
  if (call.flag('on') && call.flag('off'))
    throw new SkeinError('bad_request', 'Give --on or --off, not both.');
  const relays = relaysOf(call, 'relay');
  const away = relaysOf(call, 'no-relay');
  const token = await admissionOf(call, relays);
  const change = {
    ...(relays.length > 0 ? { on: true, add: relays } : {}),
    ...(call.texts('listen').length > 0 ? { on: true, listen: places(call.texts('listen')) } : {}),
    ...(away.length > 0 ? { remove: away } : {}),
    ...(call.text('name') === undefined ? {} : { name: call.text('name') ?? '' }),
    ...(call.flag('on') ? { on: true } : {}),
    ...(call.flag('off') ? { on: false } : {}),
  };
  const client = await connectNode(call.home);
  if (token !== undefined) await client.ask('admission', { relay: relays[0] ?? '', token });
  const changed = Object.keys(change).length > 0;
  if (changed) await client.command('peers', 'mesh.configure', change);
  const answer = await waiting('waiting for relays', client.ask('mesh', changed ? { wait: RELAY_MS } : {}));
  if (call.json) printJson(answer);
  else print(describeMesh(answer, paintFor(call.flag('no-color'))));
  // It is remembered, but cannot be had: whoever asked for it is to know.
  const lacks = answer.error !== undefined && (!answer.on || change.listen !== undefined);
  return changed && (lacks || refusedBy(relays, answer)) ? 1 : 0;
}

/** Whether one of these does not let this node in; one that has not answered yet still may. */
function refusedBy(relays: readonly string[], answer: MeshAnswer): boolean {
  const urls = relays.map((relay) => parseRelayAddress(relay).url);
  return answer.relays.some(({ url, state }) => state === 'refused' && urls.includes(url));
}

/** The admission token of the one relay that is named with it. */
async function admissionOf(call: Call, relays: readonly string[]): Promise<string | undefined> {
  const file = call.text('admission');
  if (file === undefined) return undefined;
  if (relays.length !== 1)
    throw new SkeinError('bad_request', '--admission is for one relay: give that with --relay.');
  if (file === '-') return (await readStdin(MOST_TOKEN)).toString().trim();
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SkeinError('bad_request', `The admission token cannot be read from ${visible(file)}.`);
  }
}

/** Nothing in particular is this machine alone. */
function places(given: string[]): string[] {
  const wrong = given.find((place) => place !== 'default' && !isListenPlace(place));
  if (wrong === undefined) return given.filter((place) => place !== 'default');
  const message = `--listen takes a host and port, as in 0.0.0.0:7001, or none, or default, not "${wrong}".`;
  throw new SkeinError('bad_address', message);
}

function describeMesh({ on, id, name, addrs, relays, error }: MeshAnswer, paint: Paint): string {
  const line = (head: string, text: string) => [{ text: head, paint: paint.dim }, { text }];
  const state = on ? 'on' : error === undefined ? 'off: turn it on with skein mesh --on' : 'off';
  return table([
    line('mesh', state),
    ...(error === undefined ? [] : [line('error', error)]),
    line('name', name),
    line('peer', id),
    ...addrs.map((address) => line('listens', placeText(address))),
    ...relays.map((relay) => line('relay', on ? relayText(relay) : relay.url)),
  ]);
}
