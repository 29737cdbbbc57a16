/** Puts one pinned agent into the cache with npm: fetched beside its place, then renamed, so that it is whole or not there. */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runToEnd } from '../setup/child.mjs';
import { type AgentName, PINS } from './pins.ts';
import { agentDirectory, type Installed, readStamp, STAMP } from './places.ts';

export class InstallError extends Error {}

/** What a person sees of an install in progress: megabytes on disk so far. */
type Progress = (megabytes: number) => void;

/** How often the size on disk is told, in ms: a glance at what takes minutes. */
const PROGRESS_MS = 2_000;

const MEGABYTE = 1_000_000;

let stagings = 0;

/** Installs it unless it is there. Two that do so at once both end well; one of their copies is thrown away. */
export async function installAgent(
  name: AgentName,
  options: { force: boolean; progress: Progress; env?: NodeJS.ProcessEnv },
): Promise<{ installed: Installed; fetched: boolean }> {
  const directory = agentDirectory(name, options.env);
  const present = readStamp(directory);
  if (present !== undefined && !options.force) return { installed: present, fetched: false };
  removeAbandoned(directory);
  const staging = join(dirname(directory), `.${basename(directory)}.${process.pid}.${++stagings}.tmp`);
  const cleanUp = () => rmSync(staging, { recursive: true, force: true });
  process.once('exit', cleanUp);
  try {
    const installed = await fetchInto(staging, name, options);
    if (options.force || readStamp(directory) === undefined) {
      rmSync(directory, { recursive: true, force: true });
    }
    return { installed: takePlace(staging, directory) ?? installed, fetched: true };
  } finally {
    process.removeListener('exit', cleanUp);
    cleanUp();
  }
}

async function fetchInto(
  staging: string,
  name: AgentName,
  options: { progress: Progress; env?: NodeJS.ProcessEnv },
): Promise<Installed> {
  const pin = PINS[name];
  mkdirSync(staging, { recursive: true });
  // A manifest of its own, so that npm does not walk up into somebody else's project.
  writeFileSync(join(staging, 'package.json'), '{"private":true}\n');
  const words = ['install', '--no-audit', '--no-fund', '--save-exact', '--omit=dev'];
  if (!pin.scripts) words.push('--ignore-scripts');
  const stopWatching = watchSize(staging, options.progress);
  const { ok, output, missing } = await runToEnd('npm', [...words, `${pin.package}@${pin.version}`], {
    cwd: staging,
    env: withoutScriptsOwn(options.env ?? process.env),
  }).finally(stopWatching);
  if (missing) throw new InstallError('npm was not found; install it and run this again');
  if (!ok)
    throw new InstallError(`npm could not install ${pin.package}@${pin.version}:\n${output.trimEnd()}`);
  const program = join('node_modules', '.bin', pin.bin);
  if (!isFile(join(staging, program))) {
    throw new InstallError(`${pin.package}@${pin.version} was installed but has no program ${pin.bin}`);
  }
  const bytes = await bytesBelow(staging);
  const installed: Installed = { package: pin.package, version: pin.version, program, bytes };
  writeFileSync(join(staging, STAMP), `${JSON.stringify(installed, null, 2)}\n`);
  return installed;
}

/** @returns the stamp of another's copy, when that one got there first */
function takePlace(staging: string, directory: string): Installed | undefined {
  try {
    renameSync(staging, directory);
    return undefined;
  } catch (error) {
    const other = readStamp(directory);
    if (other === undefined) throw error;
    return other;
  }
}

/** Takes away what an install left that was killed. */
function removeAbandoned(directory: string): void {
  const prefix = `.${basename(directory)}.`;
  mkdirSync(dirname(directory), { recursive: true });
  for (const entry of readdirSync(dirname(directory))) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number.parseInt(entry.slice(prefix.length), 10);
    if (!isAlive(pid)) rmSync(join(dirname(directory), entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** npm tells its children about the script that runs; the npm inside must not take that for its own settings. */
function withoutScriptsOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([key]) => !/^npm_(package|lifecycle|command)/.test(key) && key !== 'npm_config_local_prefix',
  );
  return Object.fromEntries(kept);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function watchSize(directory: string, progress: Progress): () => void {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    progress(Math.round((await bytesBelow(directory)) / MEGABYTE));
    busy = false;
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}

/** Bytes of all files below, links not followed and second names of a file not counted; nor what vanishes meanwhile. */
async function bytesBelow(directory: string, seen = new Set<number>()): Promise<number> {
  let total = 0;
  try {
    for await (const entry of await opendir(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) total += await bytesBelow(path, seen);
      if (!entry.isFile()) continue;
      const { size, ino } = await lstat(path);
      if (!seen.has(ino)) total += size;
      seen.add(ino);
    }
  } catch {
    // npm moves directories while it works.
  }
  return total;
}
