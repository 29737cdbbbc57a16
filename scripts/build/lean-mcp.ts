/** Leaves out of the program that runs beside every agent what it never calls, which is a third of it. */
import type { Plugin } from 'esbuild';

/** What the MCP SDK would check clients' forms with. We send none. */
const NO_FORMS = 'export class AjvJsonSchemaValidator {}';
/** What events are read with. We read none. */
const NO_EVENTS = 'export const unpack = undefined; export const unpackAll = undefined;';

export const leanMcp: Plugin = {
  name: 'mcp-without-what-it-never-calls',
  setup(build) {
    const none = (contents: string) => () => ({ contents, loader: 'js' as const });
    build.onLoad({ filter: /[\\/]validation[\\/]ajv-provider\.js$/ }, none(NO_FORMS));
    build.onLoad({ filter: /[\\/]protocol[\\/]src[\\/]codec\.ts$/ }, none(NO_EVENTS));
  },
};
