/**
 * F1: `kill -9` of the node at random moments, a quarter of them while it recovers, under 500 commands a second over 16
 * sessions with counting programs. `count` is the number of kills (rules L1, L2, K2, H1, H2, H4).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { CountedOutput, checkCounted } from '../support/counted.ts';
import { LogReader } from '../support/follow-log.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, until } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { RawChannel } from '../support/raw-channel.ts';
import { counting, type Opened, openSession } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { HostViewer } from '../support/viewer.ts';
import { Failures, type Fault, percentile, round } from './fault.ts';
import { Load, missingRenames, noteRenames, type Sent } from './load.ts';

const SESSIONS = 16;
const PER_SECOND = 500;
/** Milliseconds within which 99 of 100 restarts must answer again. */
const BACK_MS = 2_000;
/** Commands that are sent a second time after each kill. */
const AGAIN = 8;

export const f1: Fault = async ({ count, seed, timing, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const back: number[] = [];
  const home = makeHome();
  let node = await NodeProcess.start(home);
  const name = newId();
  const client = await connectNode(home, { id: name, retryFor: 60_000 });
  try {
    const sessions: Opened[] = [];
    for (let i = 0; i < SESSIONS; i++) sessions.push(await openSession(client, counting(0.02)));
    const watched = new CountedOutput();
    const watcher = await HostViewer.attach(client, sessions[0]?.id ?? '', {
      bytes: (_, bytes) => watched.take(bytes),
    });
    const reader = new LogReader('node');
    const seen = new Set<string>();
    const load = new Load(client, sessions, SESSIONS);
    load.start(PER_SECOND);

    let recovering = 0;
    for (let killed = 0; killed < count; killed++) {
      const early = random.chance(0.25);
      if (early) {
        recovering++;
        await node.kill();
        node = NodeProcess.launch(home);
        await sleep(random.int(0, 250));
      } else await sleep(random.int(20, 500));
      await node.kill();
      const acknowledged = load.acknowledged;
      const restarted = performance.now();
      node = await NodeProcess.start(home);
      const channel = await RawChannel.open(home);
      channel.send({ t: 'ask', n: 1, type: 'status', body: {} });
      await channel.wait('an answer', (frame) => frame.t === 'answer');
      back.push(performance.now() - restarted);
      failures.add(...(await sendAgain(channel, name, acknowledged, random)));
      channel.close();
      failures.add(...noteRenames(await reader.catchUp(client), seen));
      failures.add(...missingRenames(acknowledged, seen));
      for (const session of sessions) {
        if (!lives(session)) failures.add(`program ${session.pid} is gone after kill ${killed + 1}`);
      }
      if (failures.list.length > 0) break;
      if ((killed + 1) % 50 === 0) log(`F1: ${killed + 1} of ${count} kills`);
    }
    load.stop();
    await until('every command is answered', () => load.waiting === 0, 30_000);
    failures.add(...load.problems, ...reader.problems);
    failures.add(...(await checkAll(client, load.acknowledged, sessions)));
    if (watcher.socket.destroyed) failures.add('the viewer that stayed was cut off');
    watcher.close();
    failures.add(...watched.problems, ...watcher.broken);
    const p99 = percentile(back, 99);
    if (timing && p99 > BACK_MS) failures.add(`back after ${round(p99)} ms at p99`);
    return {
      id: 'F1',
      runs: back.length,
      failures: failures.all,
      seed,
      figures: {
        recovering,
        acknowledged: load.acknowledged.length,
        back_p50_ms: round(percentile(back, 50)),
        back_p99_ms: round(p99),
      },
      skipped: [],
    };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

/** Some answered commands once more, under their own ids: the same reply must come, and once with another body a refusal. */
async function sendAgain(
  channel: RawChannel,
  client: string,
  acknowledged: Sent[],
  random: Random,
): Promise<string[]> {
  if (acknowledged.length === 0) return [];
  const problems: string[] = [];
  for (let i = 0; i < AGAIN; i++) {
    const { seq, target, type, body, reply } = random.pick(acknowledged);
    const other = i === 0;
    channel.frames.length = 0;
    const sent = other ? { id: newId(), name: 'other' } : body;
    channel.send({ t: 'cmd', id: { client, seq }, target, type, body: sent as never });
    const frame = await channel.wait('a reply', ({ t }) => t === 'reply');
    if (frame.t !== 'reply') continue;
    if (other && frame.error?.code !== 'id_reused')
      problems.push(`command ${seq} with another body was answered ${JSON.stringify(frame)}`);
    if (!other && !isDeepStrictEqual(frame.body, reply))
      problems.push(`command ${seq} again: ${JSON.stringify(frame)}, not ${JSON.stringify(reply)}`);
  }
  return problems;
}

/** Reads every stream from its beginning, and every program's output. */
async function checkAll(client: Client, acknowledged: Sent[], sessions: Opened[]): Promise<string[]> {
  const problems: string[] = [];
  const node = new LogReader('node');
  const seen = new Set<string>();
  problems.push(...noteRenames(await node.catchUp(client), seen), ...missingRenames(acknowledged, seen));
  problems.push(...node.problems);
  for (const session of sessions) {
    const stream = `session/${session.id}`;
    const reader = new LogReader(stream);
    const events = await reader.catchUp(client);
    problems.push(...reader.problems);
    const signals = events.filter(({ type }) => type === 'run.signalled').length;
    const wanted = acknowledged.filter(({ target }) => target === stream).length;
    if (signals !== wanted)
      problems.push(`${stream} holds ${signals} signals where ${wanted} were acknowledged`);
    const now = await client.ask('session', { ref: session.id });
    if (now.run?.state !== 'running' || now.run.pid !== session.pid || now.run.start !== session.start)
      problems.push(`${stream} is told as ${JSON.stringify(now.run)}`);
    const output = await checkCounted(client, session.id);
    problems.push(...output.problems.map((problem) => `output of ${stream}: ${problem}`));
  }
  return problems;
}
