/** Where set-up finds and puts things. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const MODULES = join(ROOT, 'node_modules');
export const LOCK = join(ROOT, '.setup.lock');
export const BIN_NODE = join(MODULES, '.bin', 'node');
export const LAUNCHER = join(MODULES, '.bin', 'skein');
export const CLI_BUNDLE = join(ROOT, 'packages', 'cli', 'dist', 'skein.cjs');
export const BUILD_SCRIPT = join(ROOT, 'scripts', 'build.ts');

/** What was installed, by which inputs, for which Node. */
export const INSTALL_STAMP = join(MODULES, '.skein-install.json');

/** The sources that packages/<name>/dist was built from. */
export const BUILD_STAMP = join(MODULES, '.skein-build.json');
