/**
 * F6 at the relay: malformed frames on control, as a stranger and as one who registered, and at the data door, and
 * connections that say nothing. `count` is the number of malformed frames for each of the two doors (rules C5, K5, R3).
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HonestClient } from '../support/honest-client.ts';
import { pss, within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from '../support/relay-process.ts';
import { asIfElsewhere } from './elsewhere.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';
import { badControl, badData } from './relay-strangers.ts';

const MIB = 2 ** 20;
/** Bytes that the relay may grow by. */
const GROWTH = 64 * MIB;
/** How much slower an honest peer's echo may become; and milliseconds below which nobody can tell. */
const SLOWER = 2;
const UNNOTICED_MS = 5;
const QUIET_MS = 1_500;
/** Connections that say nothing, and milliseconds after which they must be closed. */
const SILENT = 20;
const SILENT_MS = 7_000;
/** Malformed frames under way at once, and most a second: more is a flood, which takes its share of any machine. */
const AT_ONCE = 2;
const PER_SECOND = 500;
const WARM_UP = 100;

export const f6Relay: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeRelayHome();
  const relay = await RelayProcess.start(home, ['--log-level', 'error']);
  const honest = await HonestClient.start(relay.url, 'honest-relay.ts');
  try {
    const doors = [() => badControl(relay.url, random), () => badData(relay.port, random)];
    // What grows by being used for the first time is not counted.
    for (let i = 0; i < WARM_UP; i++) await doors[i % doors.length]?.();
    const before = pss(relay.ready.pid);
    let most = before;
    const quiet = percentile(await honest.during(sleep(QUIET_MS)), 99);
    const fuzz = async () => {
      let next = 0;
      const began = performance.now();
      const one = async () => {
        while (next < count * doors.length && failures.list.length < 10) {
          const i = next++;
          await sleep(Math.max(0, began + (i * 1000) / PER_SECOND - performance.now()));
          failures.add(...((await doors[i % doors.length]?.()) ?? []));
          if (i % 500 !== 0) continue;
          most = Math.max(most, pss(relay.ready.pid));
          log(`F6R: ${i} of ${count * doors.length}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    };
    const silent = Promise.all(Array.from({ length: SILENT }, (_, i) => silence(relay.port, i)));
    const echoes = await honest.during(asIfElsewhere(fuzz));
    const meanwhile = percentile(echoes, 99);
    failures.add(...(await silent).flat());
    most = Math.max(most, pss(relay.ready.pid));
    if (relay.child.exitCode !== null) failures.add(`the relay ended: ${relay.log}`);
    if (relay.log !== '') failures.add(`it logged errors: ${relay.log.slice(0, 500)}`);
    if (echoes.length === 0) failures.add('an honest peer was not served');
    if (most - before > GROWTH) failures.add(`the relay grew by ${round((most - before) / MIB)} MiB`);
    if (timing && meanwhile > Math.max(SLOWER * quiet, UNNOTICED_MS))
      failures.add(`an honest peer's p99 was ${round(meanwhile)} ms, and ${round(quiet)} ms without`);
    const figures = {
      doors: doors.length,
      honest_p99_quiet_ms: round(quiet, 2),
      honest_p99_meanwhile_ms: round(meanwhile, 2),
      growth_mib: round((most - before) / MIB),
    };
    return { id: 'F6R', runs: count * doors.length, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    await honest.stop().catch(() => {});
    await relay.kill();
    destroyRelayHome(home);
  }
};

/** A connection that says nothing, or a byte now and then: none may be held open. */
async function silence(port: number, i: number): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const drip = i % 2 === 0 ? setInterval(() => socket.write('G'), 500) : undefined;
  try {
    await within(SILENT_MS, 'a silent connection to the relay is closed', closed);
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    clearInterval(drip);
    socket.destroy();
  }
}
