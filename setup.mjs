/**
 * Makes a fresh clone ready: brings Node 24 if the system has none, installs, builds, and writes the `skein` launcher.
 *
 * Runs on any Node ≥ 20 with nothing installed, as often as you like; every script of package.json calls it first.
 * `--quiet` says nothing when there is nothing to do; `--no-build` stops before the build.
 */
import { bringPackages } from './scripts/setup/install.mjs';
import { writeLauncher } from './scripts/setup/launcher.mjs';
import { withLock } from './scripts/setup/lock.mjs';
import { runBuild } from './scripts/setup/run-build.mjs';
import { buildIsCurrent, currentInstall, launcherIsCurrent } from './scripts/setup/stamps.mjs';
import { SetupError, tell, tellError } from './scripts/setup/tell.mjs';

const quiet = process.argv.includes('--quiet');
const wantBuild = !process.argv.includes('--no-build');

function isDone() {
  const installed = currentInstall();
  if (installed === undefined) return false;
  return !wantBuild || (buildIsCurrent() && launcherIsCurrent(installed.node));
}

async function setup() {
  const installed = currentInstall() ?? (await bringPackages());
  if (!wantBuild) return;
  if (!buildIsCurrent()) await runBuild(installed.node);
  if (!launcherIsCurrent(installed.node)) writeLauncher(installed.node);
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
