/** Where set-up finds and puts things. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const MODULES = join(ROOT, 'node_modules');
export const LOCK = join(ROOT, '.setup.lock');
export const BIN_NODE = join(MODULES, '.bin', 'node');

/** The programs that `npx` finds, and the bundles that they are. */
export const LAUNCHERS = [
  {
    file: join(MODULES, '.bin', 'skein'),
    bundle: join(ROOT, 'packages', 'cli', 'dist', 'skein.cjs'),
    flags: [],
  },
  {
    file: join(MODULES, '.bin', 'skein-relay'),
    bundle: join(ROOT, 'packages', 'relay', 'dist', 'skein-relay.cjs'),
    // As the node's (packages/node/src/flags.ts), for the same reason.
    flags: ['--max-semi-space-size=4'],
  },
];

export const BUILD_SCRIPT = join(ROOT, 'scripts', 'build.ts');

/** What was installed, by which inputs, for which Node. */
export const INSTALL_STAMP = join(MODULES, '.skein-install.json');

/** The sources that packages/<name>/dist was built from. */
export const BUILD_STAMP = join(MODULES, '.skein-build.json');
