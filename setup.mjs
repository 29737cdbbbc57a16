/**
 * Makes a fresh clone ready: brings Node 24 if the system has none, installs, builds, and writes the launchers of `skein` and `skein-relay`.
 *
 * Runs on any Node ≥ 20 with nothing installed, as often as you like; every script of package.json calls it first.
 * `--quiet` says nothing when there is nothing to do; `--no-build` stops before the build.
 */
import { bringPackages } from './scripts/setup/install.mjs';
import { launchersAreCurrent, writeLaunchers } from './scripts/setup/launcher.mjs';
import { withLock } from './scripts/setup/lock.mjs';
import { runBuild } from './scripts/setup/run-build.mjs';
import { buildIsCurrent, currentInstall } from './scripts/setup/stamps.mjs';
import { SetupError, tell, tellError } from './scripts/setup/tell.mjs';

const quiet = process.argv.includes('--quiet');
const wantBuild = !process.argv.includes('--no-build');

function isDone() {
  const installed = currentInstall();
  if (installed === undefined) return false;
  return !wantBuild || (buildIsCurrent() && launchersAreCurrent(installed.node));
}

async function setup() {
  const installed = currentInstall() ?? (await bringPackages());
  if (!wantBuild) return;
  if (!buildIsCurrent()) await runBuild(installed.node);
  if (!launchersAreCurrent(installed.node)) writeLaunchers(installed.node);
}

try {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new SetupError(
      `Node ${process.versions.node} is too old.`,
      'Install Node 20 or newer and run it again.',
    );
  }
  if (isDone()) {
    if (!quiet) tell('everything is set up');
  } else {
    await withLock(setup);
    if (!quiet) tell('ready');
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tellError(error);
  process.exitCode = 1;
}
