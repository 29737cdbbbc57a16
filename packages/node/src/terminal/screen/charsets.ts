/** Which designator stands for a character set that xterm.js holds as a table. */

import headless from '@xterm/headless';
import { type Charset, internalsOf } from './internals.ts';

const DESIGNATORS = [...'0AB45C67EKQRYZHI=<>'];

let names: Map<string, string> | undefined;

/** Asks xterm.js itself, once: the tables are not exported. */
function tableNames(): Map<string, string> {
  const terminal = new headless.Terminal({
    cols: 2,
    rows: 1,
    scrollback: 0,
    allowProposedApi: true,
    logLevel: 'off',
  });
  const core = internalsOf(terminal);
  const found = new Map<string, string>();
  for (const designator of DESIGNATORS) {
    core._charsetService._charsets[0] = undefined;
    core._inputHandler.parse(Buffer.from(`\x1b(${designator}`));
    const table = core._charsetService._charsets[0];
    if (table !== undefined) found.set(JSON.stringify(table), designator);
  }
  terminal.dispose();
  return found;
}

/** The final byte of `ESC ( …` that designates this set; B, US ASCII, for none. */
export function designatorOf(charset: Charset): string {
  if (charset === undefined) return 'B';
  names ??= tableNames();
  return names.get(JSON.stringify(charset)) ?? 'B';
}
