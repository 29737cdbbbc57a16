/**
 * F6 at the relay: malformed frames on control, as a stranger and as one who registered, and at the data door, and
 * connections that say nothing. `count` is the number of malformed frames for each of the two doors (rules C5, K5, R3).
 */
import { connect } from 'node:net';
import { HonestClient } from '../support/honest-client.ts';
import { pss } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { destroyRelayHome, makeRelayHome, RelayProcess } from '../support/relay-process.ts';
import { fuzzBesideHonest, staysSilent } from './beside-honest.ts';
import { Failures, type Fault } from './fault.ts';
import { badControl, badData } from './relay-strangers.ts';

/** Connections that say nothing, and milliseconds after which they must be closed. */
const SILENT = 20;
const SILENT_MS = 7_000;
/** Malformed frames under way at once, and before it is measured. */
const AT_ONCE = 2;
const WARM_UP = 100;

export const f6Relay: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeRelayHome();
  const relay = await RelayProcess.start(home, ['--log-level', 'error']);
  const honest = await HonestClient.start(relay.url, 'honest-relay.ts');
  try {
    const doors = [() => badControl(relay.url, random), () => badData(relay.port, random)];
    const silent = Promise.all(Array.from({ length: SILENT }, (_, i) => silence(relay.port, i)));
    const figures = await fuzzBesideHonest({
      ...{
        id: 'F6R',
        what: 'the relay',
        doors,
        runs: count * doors.length,
        atOnce: AT_ONCE,
        warmUp: WARM_UP,
      },
      ...{ elsewhere: true, paced: true, timing, honest, size: () => pss(relay.ready.pid), failures, log },
    });
    failures.add(...(await silent).flat());
    if (relay.child.exitCode !== null) failures.add(`the relay ended: ${relay.log}`);
    if (relay.log !== '') failures.add(`it logged errors: ${relay.log.slice(0, 500)}`);
    return { id: 'F6R', runs: count * doors.length, failures: failures.all, seed, figures, skipped: [] };
  } finally {
    await honest.stop().catch(() => {});
    await relay.kill();
    destroyRelayHome(home);
  }
};

/** A connection that says nothing, or a byte now and then: none may be held open. */
function silence(port: number, i: number): Promise<string[]> {
  const drip = i % 2 === 0 ? { every: 500, bytes: 'G' } : undefined;
  return staysSilent(connect(port, '127.0.0.1'), 'the relay', SILENT_MS, drip);
}
