/** The `skein` command: parses what was typed, runs it, and tells how it went by words and exit status. */
import { FAST } from './commands/fast.ts';
import { Call, type Parsed } from './invocation/call.ts';
import { parseFast } from './invocation/fast-parse.ts';
import type { CommandSpec } from './invocation/spec.ts';
import { reportError } from './output/errors.ts';
import { writeAll } from './output/write.ts';

async function main(words: readonly string[]): Promise<number> {
  try {
    const plain = parseFast(FAST, words);
    if (plain !== undefined) return await invoke(FAST, plain);
    // Most of the program is needed only here: loading it would be felt in `skein ls`.
    const { COMMANDS, HOME } = await import('./commands/all.ts');
    const { parseFully } = await import('./invocation/full-parse.ts');
    const full = parseFully(COMMANDS, words);
    if (full.kind === 'call') return await invoke([...COMMANDS, HOME], full.parsed);
    writeAll(1, full.text);
    return 0;
  } catch (error) {
    return reportError(error, words.includes('--json'));
  }
}

async function invoke(specs: readonly CommandSpec[], parsed: Parsed): Promise<number> {
  const spec = specs.find((s) => s.name === parsed.command);
  const command = await spec?.load();
  return (await command?.run(new Call(parsed))) ?? 0;
}

// Exits at once: what is still connected needs no goodbye, and waiting for it would be felt.
main(process.argv.slice(2)).then((status) => process.exit(status));
