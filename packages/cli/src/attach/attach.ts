/** Attaching from beginning to end: the right, the terminal, what may happen meanwhile, and what is said afterwards. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { Asks } from '@skein/protocol/sessions/asks';
import { detachKeys } from '../connect/config.ts';
import { askNode, connectRunning } from '../connect/node.ts';
import { howItEnded } from '../output/how-it-ended.ts';
import { print, writeAll } from '../output/write.ts';
import { Attachment, type Outcome } from './attachment.ts';
import { attachmentName } from './attachment-name.ts';
import { hasTerminal, UserTerminal } from './user-terminal.ts';

/** Milliseconds in which a lost connection to a host must be had again; its end takes the node a moment to notice. */
const AGAIN_MS = 10_000;
const AGAIN_STEP_MS = 100;

type RightAnswer = Asks['right']['answer'];
type Live = Exclude<RightAnswer, { ended: true }>;

export function needTerminal(): void {
  if (hasTerminal()) return;
  throw new SkeinError(
    'bad_request',
    'Attaching needs a terminal. Without one: skein screen, skein output --follow, skein send.',
  );
}

/** Attaches to a session until the user leaves, it ends, or it is lost. */
export async function attachTo(home: string, ref: string, readOnly: boolean): Promise<number> {
  const role = readOnly ? 'read' : 'write';
  const { client, answer: right } = await askNode(home, 'right', { ref, role });
  if (process.env.SKEIN_SESSION === right.id) {
    throw new SkeinError('bad_request', `You are inside "${right.name}" already: it cannot show itself.`);
  }
  if ('ended' in right) return showEnded(client, right.id, right.name);
  client.close();
  const outcome = await follow(home, right, readOnly);
  const { name } = right;
  if (outcome.kind === 'detached' || outcome.kind === 'stopped') print(`[detached from ${name}]`);
  else if (outcome.kind === 'exited') print(`[session ${name} ended: ${howItEnded(outcome.exit)}]`);
  else return tellLost(home, right, outcome.error);
  return 0;
}

async function follow(home: string, right: Live, readOnly: boolean): Promise<Outcome> {
  const label = `${process.env.USER ?? ''} ${process.env.TERM ?? ''}`.trim();
  const options = { name: attachmentName(), label, readOnly, detach: detachKeys(home) };
  const attachment = new Attachment(options);
  const terminal = new UserTerminal({
    input: (bytes) => attachment.input(bytes),
    resized: (size) => attachment.resized(size),
    gone: () => attachment.end({ kind: 'detached' }),
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
    process.on(signal, () => attachment.end({ kind: 'detached' }));
  process.on('SIGTSTP', () => attachment.end({ kind: 'stopped' }));
  terminal.enter();
  try {
    for (let now: Live | undefined = right; ; ) {
      const outcome = await attachment.run(terminal, now);
      if (outcome.kind === 'detached' || outcome.kind === 'exited') return outcome;
      // What the host refused it would refuse again.
      if (outcome.kind === 'lost' && outcome.error !== undefined && outcome.error.code !== 'host_lost')
        return outcome;
      if (outcome.kind === 'stopped') await suspend(terminal);
      now = await rightAgain(home, right, readOnly);
      if (now === undefined) return { kind: 'lost', error: undefined };
    }
  } finally {
    await terminal.leave();
  }
}

/** Stops as any program does when told to, and takes the terminal again when it goes on. */
async function suspend(terminal: UserTerminal): Promise<void> {
  await terminal.leave();
  const resumed = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
  process.kill(process.pid, 'SIGSTOP');
  await resumed;
  terminal.enter();
}

/** A new right to the same program; undefined when it has ended or nobody gives one in time. */
async function rightAgain(home: string, { id, run }: Live, readOnly: boolean): Promise<Live | undefined> {
  for (const deadline = Date.now() + AGAIN_MS; Date.now() < deadline; ) {
    try {
      const client = await connectRunning(home);
      const right = await client.ask('right', { ref: id, role: readOnly ? 'read' : 'write' });
      client.close();
      return 'ended' in right || right.run !== run ? undefined : right;
    } catch (error) {
      const { code } = SkeinError.from(error);
      if (code !== 'node_unreachable' && code !== 'host_lost') return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_STEP_MS));
  }
  return undefined;
}

/** The last screen of a session whose program has ended. */
async function showEnded(client: Client, ref: string, name: string): Promise<number> {
  const { run } = await client.ask('session', { ref });
  try {
    const { data } = await client.ask('screen', { ref, form: 'ansi' });
    writeAll(1, `${data.replace(/[\s\n]+$/, '').replaceAll('\n', '\r\n')}\x1b[m\r\n`);
  } catch (error) {
    // One that never ran, or whose host was lost, left no screen.
    if (SkeinError.from(error).code !== 'gone') throw error;
  }
  const how = run?.state === 'exited' ? howItEnded(run) : (run?.why ?? 'it never ran');
  print(`[session ${name} has ended: ${how}]`);
  return 0;
}

async function tellLost(home: string, { id, name }: Live, error: SkeinError | undefined): Promise<number> {
  if (error !== undefined && error.code !== 'host_lost') throw error;
  let why = 'its host cannot be reached';
  try {
    const client = await connectRunning(home);
    const { run } = await client.ask('session', { ref: id });
    client.close();
    if (run?.state === 'exited') {
      print(`[session ${name} ended: ${howItEnded(run)}]`);
      return 0;
    }
    if (run?.why !== undefined) why = run.why;
  } catch {
    why = 'neither its host nor the node can be reached';
  }
  throw new SkeinError('host_lost', `The session ${name} was lost: ${why.replace(/\.$/, '')}.`, { id });
}
