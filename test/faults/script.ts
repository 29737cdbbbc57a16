/** A scripted run: the same commands every time, whatever happens to the node meanwhile; and what must hold of it after. */
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import { checkCounted } from '../support/counted.ts';
import { LogReader } from '../support/follow-log.ts';
import { lives, withEnvironment } from '../support/processes.ts';
import { counting, type Opened, openedOf } from '../support/sessions.ts';

const ENV = { PATH: process.env.PATH ?? '/usr/bin:/bin', TERM: 'dumb' };

interface Played {
  /** Sessions that the script created, and the names it gave, in order, all acknowledged. */
  created: { id: string; run: string; removed: boolean }[];
  names: string[];
}

/** Creates two sessions, renames, signals, ends and removes one of them. */
export async function play(client: Client): Promise<Played> {
  const played: Played = { created: [], names: [] };
  for (let i = 0; i < 2; i++) {
    const ids = { id: newId(), run: newId() };
    const { handle } = await client.ask('env', { vars: ENV });
    const argv = counting(0.01);
    const size = { cols: 80, rows: 24 };
    await client.command('node', 'session.create', { ...ids, argv, cwd: '/tmp', ...size, env: handle });
    played.created.push({ ...ids, removed: false });
    await client.ask('started', { ref: ids.id });
  }
  const [kept, gone] = played.created;
  if (kept === undefined || gone === undefined) throw new Error('nothing was created');
  const rename = async (i: number) => {
    const name = `x${newId()}`;
    played.names.push(name);
    await client.command('node', 'session.rename', { id: i % 2 === 0 ? kept.id : gone.id, name });
  };
  for (let i = 0; i < 4; i++) await rename(i);
  await Promise.all([4, 5, 6, 7].map(rename));
  await client.command(`session/${kept.id}`, 'run.signal', { signal: 'SIGCONT' }).catch(unlessLost);
  await client
    .command(`session/${gone.id}`, 'run.signal', { signal: 'SIGTERM', grace: 500 })
    .catch(unlessLost);
  await client.ask('ended', { ref: gone.id });
  await client.command('node', 'session.remove', { id: gone.id, purge: true }).catch(unlessPurged);
  gone.removed = true;
  await rename(0);
  return played;
}

/** A program whose host was killed cannot be signalled: that is a refusal, not a fault. */
function unlessLost(error: Error & { code?: string }): void {
  if (error.code !== 'not_running') throw error;
}

/** A purge takes the receipts of what it removes along, its own among them: said again, it is refused and not run (L8). */
function unlessPurged(error: Error & { code?: string }): void {
  if (error.code !== 'receipt_expired') throw error;
}

/** What is wrong after the script, its node alive again: the log, the programs, their output. */
export async function judge(
  client: Client,
  { created, names }: Played,
  mayBeLost: boolean,
): Promise<string[]> {
  const problems: string[] = [];
  const node = new LogReader('node');
  const events = await node.catchUp(client);
  problems.push(...node.problems);
  const count = (type: string, fits: (body: { id: string; name: string }) => boolean) =>
    events.filter((event) => event.type === type && fits(event.body as never)).length;
  for (const name of names) {
    const times = count('session.renamed', (body) => body.name === name);
    if (times !== 1) problems.push(`the acknowledged rename to ${name} is in the log ${times} times`);
  }
  for (const { id, run, removed } of created) {
    const times = count('session.added', (body) => body.id === id);
    if (times !== 1) problems.push(`session ${id} was created ${times} times`);
    const running = withEnvironment('SKEIN_RUN', run);
    if (removed) {
      if (running.length > 0) problems.push(`the program of a removed session lives: ${running}`);
      if (count('session.removed', (body) => body.id === id) !== 1)
        problems.push(`${id} is not removed once`);
      continue;
    }
    const state = await client.ask('session', { ref: id });
    if (state.run?.state === 'running')
      problems.push(...(await judgeRunning(client, openedOf(state), running)));
    else if (!mayBeLost) problems.push(`${id} is ${state.run?.state}: ${state.run?.why ?? ''}`);
    else if (running.length > 0) problems.push(`${id} is ${state.run?.state}, but ${running} lives`);
  }
  return problems;
}

async function judgeRunning(client: Client, session: Opened, running: number[]): Promise<string[]> {
  if (!lives(session) || running.length !== 1)
    return [`${session.id} is told as running, but ${running} run`];
  return (await checkCounted(client, session.id)).problems;
}
