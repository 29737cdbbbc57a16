/** Lets one set-up at a time work on a checkout: a lock directory that names its owner, taken over when the owner is dead. */
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOCK } from './places.mjs';
import { SetupError, tell } from './tell.mjs';

/** Milliseconds between looks at a lock that another holds. */
const LOOK_MS = 150;

/** Milliseconds in which the winner of the directory must have written its name; older and nameless means dead. */
const NAMELESS_MS = 5_000;

/** Milliseconds after which waiting is given up: ten minutes, longer than any install. */
const GIVE_UP_MS = 600_000;

const OWNER = join(LOCK, 'owner');
const TAKEOVER = `${LOCK}.takeover`;

/** When a process began, where the system tells; a pid alone may be used again by a stranger. @param {number} pid */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** @param {string} path @returns {boolean} whether this process made the directory */
function makes(path) {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === 'EEXIST') return false;
    throw new SetupError(
      `${path} cannot be made (${code}).`,
      'Set-up writes into the checkout: make it writable.',
    );
  }
}

/** @param {string} path */
function ageOf(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** @returns {{ pid: number | undefined, dead: boolean }} */
function holder() {
  let text = '';
  try {
    text = readFileSync(OWNER, 'utf8');
  } catch {
    return { pid: undefined, dead: ageOf(LOCK) > NAMELESS_MS };
  }
  const [pidText, start] = text.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return { pid: undefined, dead: ageOf(LOCK) > NAMELESS_MS };
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return { pid, dead: true };
  }
  return { pid, dead: start !== undefined && start !== '' && startOf(pid) !== start };
}

/**
 * Removes the lock of a dead owner. Of two that saw it dead only one may remove it, and must look again first: the
 * other may have removed it already, and a third may hold a new one.
 */
function removeDead() {
  if (ageOf(TAKEOVER) > NAMELESS_MS) rmSync(TAKEOVER, { recursive: true, force: true });
  if (!makes(TAKEOVER)) return;
  try {
    if (holder().dead) rmSync(LOCK, { recursive: true, force: true });
  } finally {
    rmdirSync(TAKEOVER);
  }
}

async function take() {
  const since = Date.now();
  let told = false;
  while (!makes(LOCK)) {
    const { pid, dead } = holder();
    if (dead) {
      removeDead();
      continue;
    }
    if (!told) tell(`another set-up is at work${pid === undefined ? '' : ` (pid ${pid})`}; waiting for it`);
    told = true;
    if (Date.now() - since > GIVE_UP_MS) {
      throw new SetupError(
        'another set-up has been at work for ten minutes.',
        `If it hangs, end it and remove ${LOCK}.`,
      );
    }
    await sleep(LOOK_MS);
  }
  writeFileSync(OWNER, `${process.pid} ${startOf(process.pid)}\n`);
}

/**
 * Runs `work` while no other set-up of this checkout runs.
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  await take();
  const release = () => rmSync(LOCK, { recursive: true, force: true });
  process.once('exit', release);
  for (const [signal, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.once(signal, () => process.exit(status));
  }
  try {
    await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}
