/**
 * Keeps the whole program as packed text in the bundle of the quick one: V8 looks at every function of a script before it
 * runs the first, which for what `skein ls` never uses takes 4 to 5 ms. The text stands in a comment, since V8 looks at every
 * letter of a string too; it is read from there, unpacked and compiled when it is needed. It is a program of its own with its own copies of what both use, so nothing but
 * words and an exit status passes between. What is compiled so cannot import: it is given a function that can.
 */
import { brotliCompressSync } from 'node:zlib';
import type { Plugin } from 'esbuild';

/** What the quick part names and never calls: only the whole program reads events. */
const NEVER_HERE = 'export const unpackAll = undefined;';

/** The comment that holds it. The blank keeps a text that ends with a stroke from beginning another with the star behind it. */
export const commentOf = (packed: string) => `/*${packed} */\n`;

/** What finds it in `self`, the bundle's own text. */
export const FOUND = "self.slice(self.lastIndexOf('/*') + 2, self.lastIndexOf('*/'))";

export const wholeAsText: Plugin = {
  name: 'whole-program-as-text',
  setup(build) {
    let packed = '';
    build.onEnd(({ outputFiles = [] }) => {
      const [output] = outputFiles;
      if (packed === '' || output === undefined) return;
      output.contents = Buffer.concat([output.contents, Buffer.from(commentOf(packed))]);
    });
    build.onResolve({ filter: /\/whole\.ts$/ }, async ({ path, resolveDir, kind, namespace }) => {
      if (kind !== 'dynamic-import' || namespace === 'asked') return undefined;
      const found = await build.resolve(path, { resolveDir, kind, namespace: 'asked' });
      return { path: found.path, namespace: 'whole' };
    });
    build.onResolve({ filter: /\/codec\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'codec', namespace: 'never-here' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'never-here' }, () => ({ contents: NEVER_HERE, loader: 'js' }));
    build.onLoad({ filter: /.*/, namespace: 'whole' }, async ({ path }) => {
      const { entryPoints: _, outfile: __, banner: ___, plugins = [], ...options } = build.initialOptions;
      const result = await build.esbuild.build({
        ...options,
        entryPoints: [path],
        plugins: plugins.filter((plugin) => plugin.name !== 'whole-program-as-text'),
        metafile: true,
        write: false,
      });
      const source = result.outputFiles[0]?.text ?? '';
      packed = brotliCompressSync(source).toString('base64');
      const contents = `
        const { brotliDecompressSync } = require('node:zlib');
        const { compileFunction } = require('node:vm');
        const { readFileSync } = require('node:fs');
        const self = readFileSync(__filename, 'latin1');
        const packed = ${FOUND};
        const source = brotliDecompressSync(Buffer.from(packed, 'base64')).toString();
        const whole = { exports: {} };
        const names = ['module', 'exports', 'require', '__filename', '__dirname', '__skeinImport'];
        const load = (file) => import(file);
        const options = { filename: __filename + ':whole' };
        compileFunction(source, names, options)(whole, whole.exports, require, __filename, __dirname, load);
        export const main = whole.exports.main;`;
      return { contents, loader: 'js', watchFiles: Object.keys(result.metafile?.inputs ?? {}) };
    });
  },
};
