/** Installs the packages as the lockfile says, with a pnpm that npx brings, and settles which Node the scripts run on. */
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './child.mjs';
import { canCarryNode, ownNode, WANTED_MAJOR } from './choose-node.mjs';
import { BIN_NODE, MODULES, ROOT } from './places.mjs';
import { stampInstall } from './stamps.mjs';
import { SetupError, tell } from './tell.mjs';

const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|META_FETCH_FAIL|ENOTCACHED|NO_OFFLINE|error sending request|dns error|network/i;

/** The versions that package.json names, so that they are written once. */
function versions() {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const carrier = `node-${process.platform}-${process.arch}`;
  return {
    pnpm: `pnpm@${manifest.devDependencies.pnpm}`,
    node: `${carrier}@${manifest.optionalDependencies[carrier]}`,
  };
}

/** npm tells its children about the script it runs; a second npm must not take that for its own settings. */
function cleanEnvironment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, CI: 'true' };
  for (const name of Object.keys(env)) {
    if (/^npm_(package|lifecycle|command)/.test(name) || name === 'npm_config_local_prefix') delete env[name];
  }
  return env;
}

/** @param {string[]} packages what npx brings first */
async function install(packages) {
  const words = [
    '--yes',
    ...packages.flatMap((name) => ['-p', name]),
    '-c',
    'pnpm install --frozen-lockfile --dir "$SKEIN_CHECKOUT"',
  ];
  // From elsewhere, so that npx takes nothing from the node_modules that is about to be replaced.
  const options = { cwd: tmpdir(), env: { ...cleanEnvironment(), SKEIN_CHECKOUT: ROOT } };
  const { ok, output, missing } = await runToEnd('npx', words, options);
  if (ok) return;
  if (missing) throw new SetupError('npx was not found.', 'Install npm, which brings npx, and run it again.');
  if (UNREACHABLE.test(output)) {
    throw new SetupError(
      'the package registry could not be reached.',
      'Connect to the network, or name a registry or proxy that you can reach (npm config set registry <url>), and run it again.\nNothing needs cleaning up; what was fetched is kept.',
      output.slice(-1_500),
    );
  }
  throw new SetupError(
    'the packages could not be installed.',
    'The reason stands above; mend it and run `npm run setup`.',
    output,
  );
}

/**
 * Puts the chosen Node where npm's scripts look first: after an install the one that npm carries may stand there, or a
 * link to an own one that has since gone, and PATH may name an older one before it.
 * @param {string} node
 */
function linkNode(node) {
  if (existsSync(BIN_NODE) && realpathSync(BIN_NODE) === realpathSync(node)) return;
  rmSync(BIN_NODE, { force: true });
  symlinkSync(node, BIN_NODE);
}

/** @returns {Promise<import('./stamps.mjs').Installed>} */
export async function bringPackages() {
  const own = ownNode();
  if (own === undefined && !canCarryNode()) {
    throw new SetupError(
      `Node ${WANTED_MAJOR} or newer is needed, and npm cannot bring it to ${process.platform} ${process.arch}.`,
      process.platform === 'darwin'
        ? `Install it (brew install node@${WANTED_MAJOR}, or https://nodejs.org) and run it again.`
        : `Install it (https://nodejs.org, or your distribution's package) and run it again.`,
    );
  }
  const wanted = versions();
  const first = existsSync(MODULES) ? '' : ' (half a minute, the first time)';
  tell(
    own
      ? `installing packages, with Node from ${own}${first}`
      : `installing packages and Node ${WANTED_MAJOR}${first}`,
  );
  await install(own ? [wanted.pnpm] : [wanted.node, wanted.pnpm]);
  const node = own ?? join(MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  linkNode(node);
  const installed = { node, own: own !== undefined };
  stampInstall(installed);
  return installed;
}
