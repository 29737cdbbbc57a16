/** Attaching from beginning to end: the way, the terminal, what may happen meanwhile, and what is said afterwards. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import type { DetachKey } from '@skein/protocol/text/detach-keys';
import { chatInstead } from '../connect/chatter.ts';
import { detachKeys, detachText } from '../connect/config.ts';
import { connectRunning } from '../connect/node.ts';
import { placeOf } from '../connect/place.ts';
import { isDown, reviveAfter } from '../connect/revive.ts';
import { howItEnded } from '../output/how-it-ended.ts';
import { print, writeAll } from '../output/write.ts';
import { Attachment, type Outcome } from './attachment.ts';
import { attachmentName } from './attachment-name.ts';
import { MENDABLE } from './mendable.ts';
import { shutOut } from './shut-out.ts';
import { StatusLine } from './status-line.ts';
import { hasTerminal, UserTerminal } from './user-terminal.ts';
import type { OpenViewer } from './viewer-stream.ts';
import { findWay, type Way } from './way.ts';

/** Milliseconds between two tries to have a lost connection again. */
const AGAIN_STEP_MS = 100;
/** The longest time that a timer takes. */
const FOR_EVER_MS = 2 ** 31 - 1;
/** Characters of what an attachment is called that a host takes. */
const LABEL = 128;
const BELL = Buffer.from('\x07');

export function needTerminal(): void {
  if (hasTerminal()) return;
  throw new SkeinError(
    'bad_request',
    'Attaching needs a terminal. Without one: skein screen, skein output --follow, skein send.',
  );
}

/** Attaches to a session until the user leaves, it ends, or it is lost. */
export async function attachTo(home: string, ref: string, readOnly: boolean): Promise<number> {
  const detach = detachKeys(home);
  const found = await findWay(home, placeOf(ref), readOnly).catch((thrown: unknown) => {
    const error = SkeinError.from(thrown);
    if (error.code === 'no_terminal') return undefined;
    throw thrown;
  });
  if (found === undefined) return chatInstead(home, ref);
  if (found.kind === 'ended') return showEnded(found.client, found.id, found.name);
  if (process.env.SKEIN_SESSION) (await import('./nesting.ts')).nest(home, found);
  const outcome = await follow(home, found.way, detach);
  const { name, way } = found;
  const looked = way.readOnly && !way.wished ? ', where you may only look on' : '';
  if (outcome.kind === 'stopped') print(`[detached from ${name}${looked}]`);
  else if (outcome.kind === 'detached') {
    const { untaken = 0 } = outcome;
    const typed = untaken === 1 ? 'byte' : 'bytes';
    const lost = untaken === 0 ? '' : `; ${untaken} ${typed} typed may not have arrived`;
    print(`[detached from ${name}${looked}${lost}]`);
    return untaken === 0 ? 0 : 1;
  } else if (outcome.kind === 'exited') print(`[session ${name} ended: ${howItEnded(outcome.exit)}]`);
  else if (outcome.error?.code === 'not_running') {
    // It ended while its host was being reached: its node has what is left of it.
    return showEnded(await connectRunning(home, { node: way.node }), way.id, name);
  } else return tellLost(home, way, outcome.error);
  return 0;
}

async function follow(home: string, way: Way, detach: readonly DetachKey[]): Promise<Outcome> {
  const label = `${process.env.USER ?? ''} ${process.env.TERM ?? ''}`.trim().slice(0, LABEL);
  const attachment = new Attachment({
    ...{ name: attachmentName(), label, here: way.node === undefined, detach },
    typedWhileCut: (kept, refused) => status.typed(kept, refused),
    typedInVain: () => terminal.out.write(BELL),
  });
  const terminal = new UserTerminal({
    input: (bytes) => attachment.input(bytes),
    resized: (size) => attachment.resized(size),
    gone: () => attachment.end({ kind: 'detached' }),
  });
  const status = new StatusLine(terminal, way.name, detachText(home));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)
    process.on(signal, () => attachment.end({ kind: 'detached' }));
  process.on('SIGTSTP', () => attachment.end({ kind: 'stopped' }));
  // Else Node would open its inspector, and say so on the screen.
  process.on('SIGUSR1', () => {});
  terminal.enter();
  try {
    for (let open = way.first; ; ) {
      attachment.readOnly = way.readOnly;
      const outcome = await attachment.run(terminal, open, () => status.mended());
      if (outcome.kind === 'detached' || outcome.kind === 'exited') return outcome;
      if (outcome.kind === 'lost' && outcome.error !== undefined && !MENDABLE.includes(outcome.error.code))
        return outcome;
      if (outcome.kind === 'stopped') await suspend(terminal);
      status.cut(attachment.waiting);
      const next = await Promise.race([again(home, way, status), attachment.left]);
      if (next === undefined) return { kind: 'lost', error: undefined };
      if (typeof next !== 'function') return { ...next, untaken: attachment.waiting };
      open = next;
    }
  } finally {
    status.end();
    await terminal.leave();
  }
}

/** Stops as any program does when told to, and takes the terminal again when it goes on. */
async function suspend(terminal: UserTerminal): Promise<void> {
  await terminal.leave();
  const resumed = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
  // A signal that is awaited keeps no process alive.
  const awake = setInterval(() => {}, FOR_EVER_MS);
  process.kill(process.pid, 'SIGSTOP');
  await resumed;
  // Nobody tells a stopped program that its window has another size now; so told, it looks.
  const looked = new Promise<void>((resolve) => process.once('SIGWINCH', () => resolve()));
  process.kill(process.pid, 'SIGWINCH');
  await looked;
  clearInterval(awake);
  terminal.enter();
}

/** The way to the same program once more; undefined when it has ended, or cannot be had in time. */
async function again(home: string, way: Way, status: StatusLine): Promise<OpenViewer | undefined> {
  for (const deadline = Date.now() + way.patience; Date.now() < deadline; ) {
    try {
      return await way.again();
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      if (!MENDABLE.includes(error.code)) return undefined;
      const down = way.node !== undefined && isDown(error);
      if (down) reviveAfter(error, home);
      status.because(down ? 'your own node does not run (skein up)' : error.message);
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
    writeAll(1, `${data.trimEnd().replaceAll('\n', '\r\n')}\x1b[m\r\n`);
  } catch (error) {
    // One that never ran, or whose host was lost, left no screen.
    if (SkeinError.from(error).code !== 'gone') throw error;
  }
  const how = run?.state === 'exited' ? howItEnded(run) : (run?.why ?? 'it never ran');
  print(`[session ${name} has ended: ${how}]`);
  return 0;
}

async function tellLost(
  home: string,
  { id, name, node }: Way,
  error: SkeinError | undefined,
): Promise<number> {
  if (error !== undefined && error.code !== 'host_lost') throw shutOut(name, error);
  let why = 'its host cannot be reached';
  try {
    const client = await connectRunning(home, { node });
    const { run } = await client.ask('session', { ref: id });
    client.close();
    if (run?.state === 'exited') {
      print(`[session ${name} ended: ${howItEnded(run)}]`);
      return 0;
    }
    if (run?.why !== undefined) why = run.why;
  } catch (thrown) {
    const refusal = SkeinError.from(thrown);
    const { code, message } = refusal;
    // The session lives on, but not for this user: a member who was revoked, a node that is blocked.
    if (node !== undefined && !MENDABLE.includes(code)) throw shutOut(name, refusal);
    why = code === 'node_unreachable' ? 'neither its host nor the node can be reached' : message;
  }
  throw new SkeinError('host_lost', `The session ${name} was lost: ${why.replace(/\.$/, '')}.`, { id });
}
