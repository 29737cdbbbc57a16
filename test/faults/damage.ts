/** Flipped bits and cut ends in the log's files, the node stopped: seen at the next start, nothing altered served (rule L6). */
import { cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@skein/protocol/client/client';
import type { SkeinError } from '@skein/protocol/errors';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { LogReader } from '../support/follow-log.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, until } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type Opened, openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import type { Part } from './f10.ts';
import { Failures } from './fault.ts';

const COMMANDS = 150;
const FILES = ['log.db', 'log.db', 'log.db-wal', 'log.db-wal', 'anchors.log'];
/** One damage in so many is a cut end, the others are flipped bits. */
const CUT_EVERY = 6;

/** A log as it was left, to be damaged again and again, and what it held. */
interface Original {
  dir: string;
  streams: { stream: string; epoch: number; events: StoredEvent[] }[];
}

export async function damageLog(count: number, seed: number, log: (line: string) => void): Promise<Part> {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  let seen = 0;
  let lost = 0;
  let runs = 0;
  try {
    const { originals, sessions } = await prepare(home);
    for (; runs < count && failures.list.length < 10; runs++) {
      if (runs % 10 === 0) log(`F10: damage ${runs} of ${count}`);
      const original = originals[runs % originals.length] as Original;
      rmSync(join(home, 'log'), { recursive: true });
      cpSync(original.dir, join(home, 'log'), { recursive: true });
      const what = damage(join(home, 'log'), random, (runs + 1) % CUT_EVERY === 0);
      const found = await lookAt(home, original, sessions);
      failures.add(...found.problems.map((problem) => `${what}: ${problem}`));
      if (found.told) seen++;
      if (found.lost) lost++;
    }
  } finally {
    destroyHome(home);
  }
  return {
    runs,
    failures: failures.all,
    figures: { damages: runs, told: seen, with_loss: lost },
    skipped: [],
  };
}

/** Two logs of the same home: one closed in order, one with its WAL as a killed node leaves it. */
async function prepare(home: string): Promise<{ originals: Original[]; sessions: Opened[] }> {
  const sessions: Opened[] = [];
  const originals: Original[] = [];
  for (const end of ['stop', 'kill'] as const) {
    const node = await NodeProcess.start(home);
    const client = await connectNode(home);
    if (sessions.length === 0) for (let i = 0; i < 2; i++) sessions.push(await openSession(client, STUBBORN));
    for (let i = 0; i < COMMANDS; i++) {
      const id = sessions[i % 2]?.id ?? '';
      await client.command('node', 'session.rename', { id, name: `${end}${i}` });
    }
    const streams: Original['streams'] = [];
    for (const stream of ['node', ...sessions.map(({ id }) => `session/${id}`)]) {
      const reader = new LogReader(stream);
      await reader.catchUp(client);
      streams.push({ stream, epoch: reader.epoch ?? 1, events: reader.events });
    }
    client.close();
    if (end === 'kill') await until('all is anchored', () => anchored(home, streams));
    await node[end]();
    const dir = join(home, '..', end);
    cpSync(join(home, 'log'), dir, { recursive: true });
    originals.push({ dir, streams });
  }
  return { originals, sessions };
}

function anchored(home: string, streams: Original['streams']): boolean {
  const lines = readFileSync(join(home, 'log', 'anchors.log'), 'utf8');
  return streams.every(({ stream, events }) => {
    return new RegExp(`"stream":"${stream}","epoch":\\d+,"offset":${events.length},`).test(lines);
  });
}

/** Damages one file; says which and how. */
function damage(dir: string, random: Random, cut: boolean): string {
  const file = random.pick(
    FILES.map((name) => join(dir, name)).filter((path) => existsSync(path) && statSync(path).size > 0),
  );
  const { size } = statSync(file);
  const at = random.int(0, size - 1);
  if (cut) {
    truncateSync(file, at);
    return `${file.split('/').at(-1)} of ${size} bytes cut at ${at}`;
  }
  const bytes = readFileSync(file);
  const bit = random.int(0, 7);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
  return `${file.split('/').at(-1)} of ${size} bytes with bit ${bit} of byte ${at} flipped`;
}

async function lookAt(home: string, original: Original, sessions: Opened[]) {
  const found = { problems: [] as string[], told: false, lost: false };
  const node = NodeProcess.launch(home);
  try {
    await node.ready();
    const client = await connectNode(home);
    // Damage that start-up had no need to read is found, and repaired, when it is: read all once before judging.
    for (const { stream } of original.streams) await untilRead(client, stream);
    found.told = (await client.ask('status', {})).log.damaged.length > 0;
    for (const stream of original.streams) {
      const { problem, lost } = await compare(client, stream, found.told);
      if (problem !== undefined) found.problems.push(`${stream.stream}: ${problem}`);
      found.lost ||= lost;
    }
    if (!sessions.every(lives)) found.problems.push('a program was ended');
    await client.command('node', 'session.rename', { id: await anySession(client), name: 'after' });
    client.close();
  } catch (error) {
    found.problems.push((error as Error).message);
  } finally {
    await node.kill();
  }
  return found;
}

/** The sessions whose programs run are there, recovered ones too. */
async function anySession(client: Client): Promise<string> {
  let running: string[] = [];
  const both = async () => {
    const listed = await client.ask('sessions', {});
    running = listed.filter(({ state }) => state === 'running').map(({ id }) => id);
    return running.length >= 2;
  };
  await until('both programs are told as running', both, 5_000);
  return running[0] ?? '';
}

/** What a stream holds now against what it held: all of it, or a beginning of it, then a new epoch. */
async function compare(
  client: Client,
  { stream, epoch, events }: Original['streams'][number],
  told: boolean,
) {
  const reader = new Pages();
  try {
    await reader.read(client, stream);
  } catch (error) {
    const { code, message } = error as SkeinError;
    if (told && (code === 'not_found' || code === 'log_damaged')) return { lost: true };
    return { problem: `${code}: ${message}`, lost: true };
  }
  const differs = events.findIndex((event, i) => !isDeepStrictEqual(event, reader.events[i]));
  if (differs < 0) return { lost: false };
  const now = reader.events[differs];
  if (now === undefined)
    return { problem: `events from ${differs + 1} on are gone without a word`, lost: true };
  if (now.type !== 'log.epoch' || reader.epoch === epoch)
    return { problem: `event ${differs + 1} is served as ${JSON.stringify(now).slice(0, 120)}`, lost: true };
  return told ? { lost: true } : { problem: 'the loss is not told in the status', lost: true };
}

/** Reads a stream, again while it is being repaired. */
async function untilRead(client: Client, stream: string): Promise<void> {
  const read = () =>
    new Pages().read(client, stream).then(
      () => true,
      ({ code }: SkeinError) => code !== 'log_damaged' && code !== 'storage_unavailable',
    );
  await until(`${stream} can be read`, read, 5_000);
}

/** All events of a stream, whatever epochs they are of. */
class Pages {
  readonly events: StoredEvent[] = [];
  epoch = 0;

  async read(client: Client, stream: string): Promise<void> {
    for await (const page of client.subscribe({ stream, from: { offset: 0 }, follow: false })) {
      this.epoch = page.epoch;
      this.events.push(...page.events);
    }
  }
}
