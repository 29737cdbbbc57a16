/**
 * A program that is many idle nodes at one relay: registers them all, beats as nodes do, and comes back after the relay was
 * restarted. Prints `all <milliseconds>` whenever all are registered, since it began or since the first was lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROL_PING_MS } from '@skein/protocol/relay/limits';
import type { RelayIdentity } from '@skein/relay/identity';
import { TestClient } from '@skein/relay/testing/client';
import { newIdentity } from '@skein/relay/testing/keys';

const [address, wanted] = process.argv.slice(2);
if (address === undefined) throw new Error('relay-nodes.ts <address> <count>');
const COUNT = Number(wanted);

/** Registrations under way at once. */
const AT_ONCE = 64;
/** Milliseconds between tries, at most, while the relay is away. */
const RETRY_MS = 1_000;
/** Milliseconds of the steps in which the beats are spread. */
const STEP_MS = 50;

const registered = new Map<RelayIdentity, TestClient>();
let began = performance.now();

function tellWhenAll(): void {
  if (registered.size === COUNT) process.stdout.write(`all ${Math.round(performance.now() - began)}\n`);
}

async function keep(identity: RelayIdentity): Promise<void> {
  const client = await TestClient.register(address as string, { identity });
  registered.set(identity, client);
  tellWhenAll();
  let after = 0;
  client.inbox.take('goaway').then(
    (frame) => {
      after = frame.after;
    },
    () => {},
  );
  void client.closed.then(async () => {
    if (registered.size === COUNT) began = performance.now();
    registered.delete(identity);
    await sleep(Math.random() * after);
    await comeBack(identity);
  });
}

async function comeBack(identity: RelayIdentity): Promise<void> {
  for (;;) {
    try {
      return await keep(identity);
    } catch {
      await sleep(Math.random() * RETRY_MS);
    }
  }
}

/** Nodes beat each in their own time, so the beats of many come spread. */
function beat(): void {
  let at = 0;
  const each = Math.ceil((COUNT * STEP_MS) / CONTROL_PING_MS);
  setInterval(() => {
    const all = [...registered.values()];
    for (const client of all.slice(at, at + each)) client.send({ t: 'ping', n: 1 });
    at = at + each >= all.length ? 0 : at + each;
  }, STEP_MS);
}

const identities = Array.from({ length: COUNT }, newIdentity);
began = performance.now();
const waiting = [...identities];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await comeBack(next);
  }),
);
beat();
