/** Leaves out what Ink has for debugging with React's tools, which are not installed. */
import type { Plugin } from 'esbuild';

export const inkPlugin: Plugin = {
  name: 'ink-without-devtools',
  setup(build) {
    build.onLoad({ filter: /[\\/]ink[\\/]build[\\/]devtools\.js$/ }, () => ({ contents: '', loader: 'js' }));
  },
};
