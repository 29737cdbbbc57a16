/** Starts a host: its directory with plan and key, its process apart from ours, and the wait until it listens (rule H1). */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { HostKind } from '@skein/protocol/host/kind';
import { newId } from '@skein/protocol/ids';
import { MALLOC, NODE_FLAGS, PASSING_MALLOC } from '../flags.ts';
import { hashOf } from '../host/rights.ts';
import { spawnDetached } from '../platform/detach.ts';
import { FILE_MODE, makeDir, writeWhole } from '../platform/files.ts';
import { hostDir, hostSocket } from './records.ts';
import { ensureRuntime } from './runtime.ts';

/** Milliseconds for a new host to say that it is ready. */
const READY_MS = 15_000;

/** Starts a host of the build in `bundle` for programs of one kind, and returns its id once it listens. */
export async function startHost(home: string, bundle: string, kind: HostKind): Promise<string> {
  const runtime = ensureRuntime(home, bundle);
  const id = newId().slice(0, 6);
  const dir = hostDir(home, id);
  const log = path.join(dir, 'stderr.log');
  const child = withErrorsIn(dir, log, (errors) => {
    const key = randomBytes(32).toString('base64url');
    fs.writeFileSync(path.join(dir, 'key'), key, { mode: FILE_MODE });
    const socket = hostSocket(home, id);
    const plan = { id, home, socket, keyHash: hashOf(key), runtime: runtime.hash, kind };
    writeWhole(path.join(dir, 'plan.json'), JSON.stringify(plan));
    return spawnDetached([runtime.node, ...NODE_FLAGS, runtime.host, dir], {
      cwd: '/',
      env: {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, LANG: process.env.LANG },
        ...(kind === 'pipe' ? PASSING_MALLOC : MALLOC),
      },
      errors,
    });
  });
  child.unref();
  await ready(child, log);
  return id;
}

/** Begins a host whose directory this is. On a disk that is full each attempt would take what room there is left. */
function withErrorsIn(dir: string, log: string, begin: (errors: number) => ChildProcess): ChildProcess {
  try {
    makeDir(dir);
    const errors = fs.openSync(log, 'a', FILE_MODE);
    try {
      return begin(errors);
    } finally {
      fs.closeSync(errors);
    }
  } catch (error) {
    fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Waits for the one line that a host prints once it listens. */
function ready(child: ChildProcess, errors: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new SkeinError('host_unavailable', `A host could not be started: ${why}. See ${errors}.`));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('it did not become ready');
    }, READY_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`));
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stdout?.destroy();
      resolve();
    });
  });
}
