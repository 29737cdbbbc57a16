/** Makes the two packages with native parts load them from beside the bundle, so that no node_modules is needed. */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const PTY_BINARY = `exports.requireBinary = (file) => require(require('node:path').join(__dirname, file));`;

const SQLITE_BINDING = `
let addon;
exports.getBinding = (given) => {
  if (typeof given === 'object' && given !== null) return given;
  return (addon ??= require(require('node:path').join(__dirname, 'better_sqlite3.node')));
};`;

/** node-pty asks for its helper (macOS alone) by package name; beside the bundle there is no package. */
const HELPER = 'require.resolve(helperPath)';
const HELPER_BESIDE = `require('node:path').join(__dirname, 'spawn-helper')`;

export const nativePlugin: Plugin = {
  name: 'native-parts-beside-the-bundle',
  setup(build) {
    build.onLoad({ filter: /[\\/]node-pty[\\/]requireBinary\.js$/ }, () => ({
      contents: PTY_BINARY,
      loader: 'js',
    }));
    build.onLoad({ filter: /[\\/]node-pty[\\/]windowsTerminal\.js$/ }, () => ({
      contents: '',
      loader: 'js',
    }));
    build.onLoad({ filter: /[\\/]node-pty[\\/]unixTerminal\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(HELPER))
        return { errors: [{ text: 'node-pty no longer finds its helper as expected' }] };
      return { contents: source.replace(HELPER, HELPER_BESIDE), loader: 'js' };
    });
    build.onLoad({ filter: /[\\/]better-sqlite3[\\/]lib[\\/]binding\.js$/ }, () => ({
      contents: SQLITE_BINDING,
      loader: 'js',
    }));
  },
};
