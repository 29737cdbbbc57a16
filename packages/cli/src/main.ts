/** The `skein` command. A few commands in plain words are run at once; everything else by the whole program. */
import { FAST } from './commands/fast.ts';
import { NeedsWhole } from './connect/chatter.ts';
import { NoNode } from './connect/starter.ts';
import { parseFast } from './invocation/fast-parse.ts';
import { invoke } from './invocation/invoke.ts';
import { reportError } from './output/errors.ts';

async function run(words: readonly string[]): Promise<number> {
  const plain = parseFast(FAST, words);
  if (plain !== undefined) {
    try {
      return await invoke(FAST, plain);
    } catch (error) {
      if (!(error instanceof NoNode || error instanceof NeedsWhole))
        return reportError(error, plain.options.json === true);
    }
  }
  const whole = await import('./whole.ts');
  return whole.main(words);
}

// Exits at once: what is still connected needs no goodbye, and waiting for it would be felt.
run(process.argv.slice(2)).then((status) => process.exit(status));
