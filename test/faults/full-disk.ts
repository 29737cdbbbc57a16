/** A home on a disk that fills up, at a random size each time: nothing is acknowledged that does not hold (rules L2, H2). */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import type { SkeinError } from '@skein/protocol/errors';
import { LogReader } from '../support/follow-log.ts';
import { destroyHome, makeSmallHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, until, within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type Opened, openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { HostViewer } from '../support/viewer.ts';
import type { Part } from './f10.ts';
import { Failures } from './fault.ts';

const DISK_MIB = 24;
const KIB = 1024;
/** Most bytes that are left free: less than one transaction up to many. */
const FREE = 256 * KIB;
/** Most commands until the disk must be full, and how many go at once. */
const COMMANDS = 4_000;
const AT_ONCE = 8;
/** A full disk is tried with floods of output in the first rounds only: they stay on the disk. */
const FLOODS = 2;
const FLOOD_MIB = 3;
/** A program that prints so many MiB, in lines of 64 bytes, for each line that it reads. */
const FLOOD = `$|=1; system "stty -echo -onlcr"; print "ready\\n"; while (<STDIN>) { print "." x 63 . "\\n" for 1..${FLOOD_MIB * 16_384} }`;

export async function fillDisk(count: number, seed: number, log: (line: string) => void): Promise<Part> {
  const part: Part = { runs: 0, failures: [], figures: {}, skipped: [] };
  let home: string;
  try {
    home = makeSmallHome(DISK_MIB);
  } catch (error) {
    return { ...part, skipped: [`the full disk: ${(error as Error).message}`] };
  }
  const random = new Random(seed);
  const failures = new Failures();
  const acknowledged: string[] = [];
  let refused = 0;
  let gaps = 0;
  let number = 0;
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  try {
    const session = await openSession(client, STUBBORN);
    const flooder = await openSession(client, ['perl', '-e', FLOOD]);
    const typist = await HostViewer.attach(client, flooder.id, { role: 'write', gap: () => gaps++ });
    await until('the program is ready', () => typist.offset > 5);
    for (let round = 0; round < count; round++) {
      log(`F10: full disk ${round + 1} of ${count}`);
      fill(home, random.int(0, FREE));
      const { acked, errors } = await untilRefused(client, session, () => `d${++number}`);
      acknowledged.push(...acked);
      refused += errors.length;
      for (const { code, message } of errors)
        if (code !== 'storage_unavailable') failures.add(`a full disk was told as ${code}: ${message}`);
      if (round < FLOODS) await flood(typist, round);
      await within(5_000, 'an answer while the disk is full', client.ask('status', {}));
      if (![session, flooder].every(lives)) failures.add('a program ended when the disk was full');
      const killed = random.chance(0.3);
      if (killed) await node.kill();
      rmSync(join(home, 'ballast'));
      if (killed) node = await NodeProcess.start(home);
      const name = `d${++number}`;
      await goesOn(client, session, name);
      acknowledged.push(name);
      if (!killed) {
        await node.kill();
        node = await NodeProcess.start(home);
      }
      failures.add(...(await allThere(client, acknowledged)));
      if (failures.list.length > 3) break;
      part.runs++;
    }
    failures.add(...(await readOutput(client, flooder, typist.offset)), ...typist.broken);
    if (refused === 0) failures.add('the disk never was full');
    typist.close();
    part.failures = failures.all;
    part.figures = { full_disks: part.runs, refused, acknowledged_beside_full: acknowledged.length };
    return part;
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
}

/** Leaves so many bytes free. */
function fill(home: string, free: number): void {
  const { bavail, bsize } = statfsSync(home);
  try {
    writeFileSync(join(home, 'ballast'), new Uint8Array(Math.max(0, bavail * bsize - free)));
  } catch (error) {
    // Somebody wrote meanwhile: it is as full as can be.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

async function untilRefused(client: Client, { id }: Opened, next: () => string) {
  const acked: string[] = [];
  const errors: SkeinError[] = [];
  for (let sent = 0; sent < COMMANDS && errors.length === 0; sent += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const name = next();
        await client.command('node', 'session.rename', { id, name }).then(
          () => acked.push(name),
          (error: SkeinError) => errors.push(error),
        );
      }),
    );
  }
  return { acked, errors };
}

/** Types a line, and waits until all that the program prints for it has come. */
async function flood(typist: HostViewer, round: number): Promise<void> {
  const end = typist.offset + FLOOD_MIB * 1024 * KIB;
  typist.type(round, '\n');
  await until('the flood has come', () => typist.offset >= end, 20_000);
}

/** With room again the node takes commands, without a restart. */
async function goesOn(client: Client, { id }: Opened, name: string): Promise<void> {
  const taken = () =>
    client.command('node', 'session.rename', { id, name }).then(
      () => true,
      () => false,
    );
  await until('commands are taken again', taken, 5_000);
}

/** Every acknowledged name is in the log, once, and none that was refused came back twice. */
async function allThere(client: Client, acknowledged: readonly string[]): Promise<string[]> {
  const reader = new LogReader('node');
  const times = new Map<string, number>();
  for (const { type, body } of await reader.catchUp(client)) {
    const { name } = body as { name?: string };
    if (type === 'session.renamed' && name !== undefined) times.set(name, (times.get(name) ?? 0) + 1);
  }
  const wrong = acknowledged.filter((name) => times.get(name) !== 1);
  const problems = wrong
    .slice(0, 3)
    .map((name) => `acknowledged, and in the log ${times.get(name) ?? 0} times: ${name}`);
  return [...problems, ...reader.problems];
}

/** Reads the flooder's output from its beginning: what a full disk took is told as a gap, and all else is there. */
async function readOutput(client: Client, { id }: Opened, head: number): Promise<string[]> {
  const gaps: [number, number][] = [];
  const viewer = await HostViewer.attach(client, id, {
    follow: false,
    gap: (from, to) => gaps.push([from, to]),
  });
  await within(10_000, 'the output', viewer.closed);
  const problems = [...viewer.broken];
  if (viewer.offset !== head) problems.push(`the output ends at ${viewer.offset}, not ${head}`);
  if (gaps.length === 0) problems.push('no gap was told, though the disk was full');
  return problems;
}
