/**
 * The node's process: `node.cjs --home DIR`. Prints one line on stdout, `ready` or `{"error": …}`, and then nothing more.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { startNode } from './node.ts';

declare const __SKEIN_BUNDLE__: boolean | undefined;
declare const __SKEIN_VERSION__: string | undefined;
declare const __SKEIN_BUILD__: string | undefined;

async function main(args: string[]): Promise<void> {
  const at = args.indexOf('--home');
  const home = at >= 0 ? args[at + 1] : undefined;
  if (home === undefined) throw new SkeinError('bad_request', 'Say which home: --home DIR');
  const bundled = typeof __SKEIN_BUNDLE__ !== 'undefined';
  const node = await startNode({
    home: path.resolve(home),
    version: typeof __SKEIN_VERSION__ === 'undefined' ? '0.0.0' : __SKEIN_VERSION__,
    ...(typeof __SKEIN_BUILD__ === 'undefined' ? {} : { build: __SKEIN_BUILD__ }),
    bundle: bundled ? __dirname : path.resolve(import.meta.dirname, '../dist'),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void node.stop());
  // The terminal it was started from may close.
  process.on('SIGHUP', () => {});
  say('ready\n');
  await node.ended;
  process.exit(0);
}

/** Whoever started it may be gone: that is no error. Written at once, so that an exit cannot cut it off. */
function say(line: string): void {
  try {
    fs.writeSync(1, line);
  } catch {
    // Nobody listens.
  }
}

main(process.argv.slice(2)).catch((thrown) => {
  const error = SkeinError.from(thrown);
  say(`${JSON.stringify({ error: error.toBody() })}\n`);
  if (error.code === 'internal' && thrown instanceof Error) console.error(thrown.stack);
  process.exit(1);
});
