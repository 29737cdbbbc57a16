/**
 * F3: `kill -9` of a host, and between a run's record and its start: its runs are recorded as lost, other hosts' runs are
 * untouched, no program is left without a terminal, no stranger is taken for one of ours (rules H1, H4).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { RUNS_PER_HOST } from '@skein/protocol/limits';
import { destroyHome, hostsOf, json, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { kill, lives, until, withEnvironment, within } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { type Opened, openSession, STUBBORN } from '../support/sessions.ts';
import { straceMissing } from '../support/strace.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault } from './fault.ts';

/** A program that leaves another behind, in a session of its own, which only its environment ties to the run. */
const LEAVES_ANOTHER = [
  'perl',
  '-e',
  'use POSIX; if (!fork) { POSIX::setsid(); $SIG{HUP}="IGNORE"; sleep 3600 while 1 } sleep 3600 while 1',
];
/** System calls of a host at which it is killed while a run is being started: before its record, after, after the fork. */
const STARTING = ['rename', 'openat', 'clone', 'clone3', 'fork', 'vfork'];

export const f3: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  const stranger = spawn('sleep', ['3600'], { stdio: 'ignore' });
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  const skipped = straceMissing();
  let starts = 0;
  try {
    const others: Opened[] = [];
    while (others.length < RUNS_PER_HOST) others.push(await openSession(client, STUBBORN));
    for (let round = 0; round < count; round++) {
      log(`F3: ${round + 1} of ${count}`);
      const doomed: Opened[] = [];
      for (const argv of [STUBBORN, LEAVES_ANOTHER, ['sh', '-c', 'trap "" HUP TERM; sleep 3600; :']])
        doomed.push(await openSession(client, argv));
      const host = hostsOf(home).find(({ id }) => id === doomed[0]?.host);
      if (host === undefined || host.id === others[0]?.host) throw new Error('there is no second host');
      await untilTheOtherIsThere(doomed[1]);
      if (round % 3 === 2 && skipped === undefined) {
        starts++;
        failures.add(...(await killWhileStarting(client, home, host, random)));
      } else if (random.chance(0.5)) kill(host.pid);
      else {
        // The node is away meanwhile, and finds a host whose record names a stranger.
        await node.kill();
        kill(host.pid);
        await until('the host is gone', () => !lives(host));
        nameStranger(home, host.id, stranger);
        node = await NodeProcess.start(home);
      }
      for (const session of doomed) failures.add(...(await judgeLost(client, session)));
      for (const session of others) {
        if (!lives(session)) failures.add(`program ${session.pid} of another host is gone`);
      }
      if (failures.list.length > 0) break;
      for (const { id } of doomed) await client.command('node', 'session.remove', { id, purge: true });
    }
    failures.add(...(await judgeOthers(client, others)));
    if (stranger.exitCode !== null || stranger.signalCode !== null) failures.add('a stranger was killed');
    const figures = { while_starting: starts, others: others.length };
    return {
      id: 'F3',
      runs: count,
      failures: failures.all,
      seed,
      figures,
      skipped: skipped === undefined ? [] : [`the kill while a run is started: ${skipped}`],
    };
  } finally {
    client.close();
    stranger.kill('SIGKILL');
    await node.kill();
    destroyHome(home);
  }
};

async function untilTheOtherIsThere(session: Opened | undefined): Promise<void> {
  const run = session?.run ?? '';
  await until('a program has left another behind', () => withEnvironment('SKEIN_RUN', run).length === 2);
}

async function judgeLost(client: Client, { id, run, pid }: Opened): Promise<string[]> {
  const state = await within(15_000, 'a run is told as lost', client.ask('ended', { ref: id }));
  const problems: string[] = [];
  if (state.run?.state !== 'lost')
    problems.push(`run ${run} of a killed host is told as ${state.run?.state}`);
  // A killed program takes a moment to be gone.
  const gone = until('gone', () => withEnvironment('SKEIN_RUN', run).length === 0, 2_000);
  await gone.catch(() =>
    problems.push(`an orphan of ${run} (pid ${pid}) lives: ${withEnvironment('SKEIN_RUN', run)}`),
  );
  return problems;
}

async function judgeOthers(client: Client, others: Opened[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { id, pid, start } of others) {
    const { run } = await client.ask('session', { ref: id });
    if (run?.state !== 'running' || run.pid !== pid || run.start !== start)
      problems.push(`run of another host is told as ${JSON.stringify(run)}`);
  }
  return problems;
}

/** Writes a stranger's pid, with another process's start time, where a host and its runs wrote their own. */
function nameStranger(home: string, id: string, { pid }: ChildProcess): void {
  const file = join(home, 'hosts', id, 'host.json');
  writeFileSync(file, JSON.stringify({ ...json(file), pid }));
  for (const run of readdirSync(join(home, 'runs'))) {
    const record = join(home, 'runs', run, 'run.json');
    const said = json(record);
    if (said?.host === id) writeFileSync(record, JSON.stringify({ ...said, pid }));
  }
}

/** Kills a host at a system call of its while it starts a run; that run must end as lost, and nothing of it live. */
async function killWhileStarting(
  client: Client,
  home: string,
  host: { pid: number; start: string },
  random: Random,
): Promise<string[]> {
  const call = random.pick(STARTING);
  const when = call === 'openat' ? random.int(1, 6) : random.int(1, 2);
  const file = join(home, '..', 'strace');
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${when}`];
  const strace = spawn('strace', ['-f', '-o', file, ...inject, '-p', String(host.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const straceEnded = once(strace, 'exit');
  await within(5_000, 'strace is attached', once(strace.stderr, 'data'));
  const ids = { id: newId(), run: newId() };
  const { handle } = await client.ask('env', { vars: { PATH: process.env.PATH ?? '' } });
  const size = { cols: 80, rows: 24 };
  await client.command('node', 'session.create', {
    ...ids,
    argv: STUBBORN,
    cwd: '/tmp',
    ...size,
    env: handle,
  });
  const state = await within(15_000, 'a start is decided', client.ask('started', { ref: ids.id }));
  // A call that this start did not make often enough has killed nobody yet.
  kill(host.pid);
  strace.kill('SIGKILL');
  await straceEnded;
  rmSync(file, { force: true });
  const started = { id: ids.id, run: ids.run, name: '', host: '', pid: state.run?.pid ?? 0, start: '' };
  const problems = (await judgeLost(client, started)).map((problem) => `at ${call} ${when}: ${problem}`);
  await client.command('node', 'session.remove', { id: ids.id, purge: true });
  return problems;
}
