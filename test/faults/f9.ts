/**
 * F9: two nodes meet at a real relay, with canaries in names, paths, arguments, prompts, titles, input, output and tickets.
 * Neither what passes the relay, nor its memory while the session is used and after, nor anything that it writes holds
 * one, raw, in hex, base64 or UTF-16. And where the same bytes are sent through it unencrypted, the same search finds each
 * of them. `count` is the number of times, each with a relay and nodes of its own (rules M1, R1, R2).
 */
import { TestClient } from '@skein/relay/testing/client';
import { Canaries } from '../secrecy/canaries.ts';
import { type Needle, needlesOf } from '../secrecy/needles.ts';
import { RelayedPair } from '../secrecy/relayed-pair.ts';
import { Recorder, type Searched, searchMemory, searchWritten } from '../secrecy/traces.ts';
import { Gate } from '../support/gate.ts';
import { until } from '../support/processes.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from '../support/relay-process.ts';
import { Failures, type Fault, round } from './fault.ts';

const MIB = 2 ** 20;
/** Times that everything is sent unencrypted: more than the sockets beside the relay hold, so that it must keep some. */
const REPEATS = 3_000;

interface Figures {
  searched_traffic_mib: number;
  searched_memory_mib: number;
  searched_written_kib: number;
  needles: number;
  controls_found: number;
}

export const f9: Fault = async ({ count, seed, log }) => {
  const failures = new Failures();
  const skipped = new Set<string>();
  const figures: Figures = {
    searched_traffic_mib: 0,
    searched_memory_mib: 0,
    searched_written_kib: 0,
    needles: 0,
    controls_found: 0,
  };
  for (let i = 0; i < count; i++) {
    log(`F9: ${i} of ${count}`);
    const home = makeRelayHome();
    const relay = await RelayProcess.start(home, ['--log-level', 'debug', '--log-addresses']);
    const gate = await Gate.to(relay.port);
    try {
      const attached = await tryOnce({ home, relay, gate, failures, figures });
      if (!attached) skipped.add('attaching in a terminal: tmux is not installed');
    } catch (error) {
      failures.add(`time ${i}: ${(error as Error).stack}`);
    } finally {
      await gate.stop();
      await relay.kill();
      destroyRelayHome(home);
    }
  }
  const rounded = Object.entries(figures).map(([name, value]) => [name, round(value, 2)]);
  return {
    id: 'F9',
    runs: count,
    failures: failures.all,
    seed,
    figures: Object.fromEntries(rounded),
    skipped: [...skipped],
  };
};

interface Site {
  home: string;
  relay: RelayProcess;
  gate: Gate;
  failures: Failures;
  figures: Figures;
}

/** Says whether the session was used through a terminal too. */
async function tryOnce(site: Site): Promise<boolean> {
  const { relay, gate, failures, figures } = site;
  const recorder = new Recorder(gate);
  const canaries = new Canaries();
  const pair = new RelayedPair(canaries);
  let needles: Needle[];
  try {
    await pair.meet(`ws://127.0.0.1:${gate.port}/#${relay.ready.relay}`);
    needles = canaries.needles(pair.ticket);
    await pair.use();
    failures.add(
      ...(await pair.unseen()).map((canary) => `${canary} was not shown to the guest: it proves nothing`),
    );
    if (gate.passed < 1_000) failures.add('hardly anything passed the relay');
    look(site, 'while it is used', searchMemory(relay.ready.pid, needles));
  } finally {
    pair.end();
  }
  await until('everybody has left', async () => (await active(relay)) === 0);
  look(site, 'afterwards', searchMemory(relay.ready.pid, needles));
  figures.searched_traffic_mib += recorder.bytes / MIB;
  figures.needles += needles.length;
  failures.add(...recorder.search(needles));
  const written = searchWritten(site.home, await told(relay), needles);
  figures.searched_written_kib += written.bytes / 1024;
  failures.add(...written.found);
  await control(site, recorder, needles);
  return pair.attaches;
}

function look({ failures, figures }: Site, when: string, { bytes, found }: Searched): void {
  figures.searched_memory_mib += bytes / MIB;
  if (bytes < 10 * MIB) failures.add(`only ${bytes} bytes of the relay's memory could be read`);
  failures.add(...found.map((what) => `${what}, ${when}`));
}

/** The same bytes unencrypted through the same relay: the same search finds every one, in its traffic and its memory. */
async function control(site: Site, recorder: Recorder, needles: readonly Needle[]): Promise<void> {
  const { relay, gate, failures, figures } = site;
  const address = `ws://127.0.0.1:${gate.port}/#${relay.ready.relay}`;
  const plain = Buffer.concat(needles.flatMap(({ bytes }) => [bytes, Buffer.from('|')]));
  const { near, far, asking, asked } = await meet(address);
  const [from, to] = await Promise.all([near.open(asking), far.open(asked)]);
  to.pause();
  const before = gate.passed;
  for (let i = 0; i < REPEATS; i++) from.write(plain);
  // Whoever takes nothing makes the relay keep what it has taken.
  await still(() => gate.passed, before);
  const memory = new Set(searchMemory(relay.ready.pid, needles).found.map(nameIn));
  const traffic = new Set(recorder.search(needles).map(nameIn));
  const second = await meet(address);
  const [masked] = await Promise.all([second.near.openWs(second.asking), second.far.openWs(second.asked)]);
  const unsent = gate.passed;
  masked.send(plain);
  await still(() => gate.passed, unsent);
  const unmasked = recorder.search(needles).filter((what) => what.endsWith('masked'));
  const written = searchWritten(site.home, await told(relay), needlesOf('a name', Buffer.from(near.id)));
  for (const { name } of needles) {
    if (!memory.has(name)) failures.add(`the control did not find ${name} in the relay's memory`);
    if (!traffic.has(name)) failures.add(`the control did not find ${name} in the relay's traffic`);
    if (memory.has(name) && traffic.has(name)) figures.controls_found++;
  }
  if (unmasked.length === 0) failures.add('the control did not find what a WebSocket had masked');
  if (written.found.length === 0) failures.add('the control did not find a name that the relay does write');
  from.destroy();
  to.destroy();
  masked.terminate();
  for (const peer of [near, far, second.near, second.far]) peer.close();
}

/** Two peers and the tokens by which they meet. */
async function meet(address: string) {
  const [near, far] = await Promise.all([TestClient.register(address), TestClient.register(address)]);
  const asking = await near.dial(far.id);
  return { near, far, asking, asked: (await far.inbox.take('incoming')).token };
}

/** What the search calls a needle, of the sentence in which it tells where. */
function nameIn(sentence: string): string {
  return sentence.slice(0, sentence.indexOf(') in ') + 1);
}

/** Waits until a number that has grown grows no more. */
async function still(number: () => number, before: number): Promise<void> {
  let [last, same] = [before, 0];
  await until('nothing moves', () => {
    same = number() === last && last > before ? same + 1 : 0;
    last = number();
    return same > 40;
  });
}

/** What the relay tells whoever looks, beside its files. */
async function told(relay: RelayProcess): Promise<Record<string, string>> {
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${relay.port}${path}`)).text();
  return {
    'its log': relay.log,
    'its output': relay.lines.join('\n'),
    'its metrics': await ask('/metrics'),
    'its health': await ask('/healthz'),
  };
}

/** Nodes that are registered. */
async function active(relay: RelayProcess): Promise<number> {
  const metrics = (await told(relay))['its metrics'] ?? '';
  return Number(/^skein_relay_nodes\S* (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
}
