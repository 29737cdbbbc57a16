/**
 * `npm start`: shows on this machine that nothing kills a session, and that another node can join it. With words behind it (`npm start -- ls`) it is `skein`
 * itself. In a terminal the session is left running; without one everything that was started is ended again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interrupted } from './start/interrupted.ts';
import { say, show } from './start/say.ts';
import { secondNode } from './start/second-node.ts';
import { fail, type Json, SKEIN, skein, skeinJson } from './start/skein.ts';

/** What the demonstration types, by which it knows its session again. */
const SAID = 'I was typed before the kill:';

const words = process.argv.slice(2);
if (words.length > 0) {
  const { status } = spawnSync(SKEIN[0], [...SKEIN.slice(1), ...words], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

const stays = process.stdout.isTTY && process.stdin.isTTY;
const home = stays ? undefined : mkdtempSync(join(tmpdir(), 'skein-'));
if (home !== undefined) process.env.SKEIN_HOME = home;

/** When a process was started, so that a pid used again is not taken for the same. Empty where the system hides it. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

async function demo(): Promise<string> {
  await say('Starting the node of this machine');
  skein('up');
  const before = skeinJson<Json>('status');
  show(`node ${before.version}, pid ${before.pid}, home ${before.home}`);

  const { name, there } = ownSession();
  await say(
    there ? `The session "${name}" is still there from the last time` : 'Opening a session on a shell',
  );
  if (!there) skein('run', '-d', '--name', name, '--', process.env.SHELL ?? 'sh');
  const word = `alive-${before.pid}`;
  skein('send', name, `echo "${SAID} ${word}"`, '--enter');
  waitForOutput(name, `${word}\r\n`);
  const session = describe(name);
  show(`$ echo "${SAID} ${word}"`, `shell: pid ${session.pid}`);

  await say(`Killing the node: kill -9 ${before.pid}`);
  process.kill(before.pid as number, 'SIGKILL');
  const after = describe(name);
  if (after.pid !== session.pid || after.start !== session.start || after.start === '') {
    fail(`The shell did not survive: it was pid ${session.pid}, now ${after.pid ?? 'gone'}.`);
  }
  const now = skeinJson<Json>('status');
  if (now.pid === before.pid) fail('The node was not killed.');
  show(`the node is back as pid ${now.pid}; the shell is the same: pid ${after.pid}`);

  await say('Its screen and its events are all there');
  const screen = skein('screen', name, '--text');
  if (!screen.includes(word)) fail(`The screen has lost what was on it:\n${screen}`);
  show(...screen.trimEnd().split('\n').slice(-4));
  const events = skeinJson<Json[]>('events', name);
  for (const type of ['session.created', 'run.requested', 'run.started']) {
    if (!events.some((event) => event.type === type)) fail(`The event ${type} is lost.`);
  }
  show(...events.map((event, i) => `${String(i + 1).padStart(3)}  ${event.type}`));
  return name;
}

/** A session of an earlier demonstration, or a name that is free: what a user has called `demo` is theirs. */
function ownSession(): { name: string; there: boolean } {
  const sessions = skeinJson<Json[]>('ls');
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'demo' : `demo-${n}`;
    const found = sessions.find((one) => one.name === name);
    if (found === undefined) return { name, there: false };
    if (!isOwn(name)) continue;
    if (found.state === 'running') return { name, there: true };
    skein('rm', name);
    return { name, there: false };
  }
}

function isOwn(name: string): boolean {
  try {
    return skein('output', name).includes(SAID);
  } catch {
    // It has none, as an agent has.
    return false;
  }
}

/** Asks for the output until the program has printed this: the shell may still be starting. */
function waitForOutput(name: string, text: string): void {
  const deadline = Date.now() + 15_000;
  while (!skein('output', name).includes(text)) {
    if (Date.now() > deadline) fail(`The shell did not print ${JSON.stringify(text)} within 15 s.`);
  }
}

/** The shell's process, as the session's own record has it. */
function describe(name: string): { pid: number; start: string } {
  const started = skeinJson<Json[]>('events', name);
  const last = started.findLast((event) => event.type === 'run.started');
  const pid = (last?.body as Json | undefined)?.pid as number;
  return { pid, start: startOf(pid) };
}

try {
  const name = await demo();
  await secondNode(name);
  if (stays) {
    await say('The session goes on. Next');
    show(
      `npx skein attach ${name.padEnd(8)} # join it; leave with Ctrl-\\ then d`,
      'npx skein run -- bash     # another one',
      'npx skein ls              # all of them',
      'npx skein down            # stop the node; sessions live on',
      'npx skein down --kill     # stop everything',
    );
  } else {
    await say('Without a terminal nothing is left running');
    skein('down', '--kill');
    show('ended; in a terminal, go on with: npx skein attach demo');
  }
} catch (error) {
  const status = await interrupted();
  console.error(status === undefined && error instanceof Error ? error.message : 'Interrupted.');
  process.exitCode = status ?? 1;
  if (home !== undefined) spawnSync(SKEIN[0], [...SKEIN.slice(1), 'down', '--kill']);
} finally {
  if (home !== undefined) rmSync(home, { recursive: true, force: true });
}
