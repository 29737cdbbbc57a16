/** The whole program: every command, commander's parsing and help, and the starting of the node. */
import { COMMANDS, GROUPS, HOME } from './commands/all.ts';
import { chat } from './commands/chat/spec.ts';
import { setChatter } from './connect/chatter.ts';
import { startNode } from './connect/start.ts';
import { setStarter } from './connect/starter.ts';
import { parseFully } from './invocation/full-parse.ts';
import { invoke } from './invocation/invoke.ts';
import { reportError } from './output/errors.ts';
import { writeAll } from './output/write.ts';

/** Runs what was typed and resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  setStarter(startNode);
  setChatter((home, ref) => invoke([chat], { command: chat.name, args: { ref }, options: { home } }));
  // Until that is known: words of a program's may say so, too.
  let json = words.includes('--json');
  try {
    const full = parseFully(COMMANDS, words, GROUPS);
    if (full.kind === 'call') json = full.parsed.options.json === true;
    if (full.kind === 'call') return await invoke([...COMMANDS, HOME], full.parsed);
    writeAll(1, full.text);
    return 0;
  } catch (error) {
    return reportError(error, json);
  }
}
