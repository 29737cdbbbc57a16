/** Prints what a shell runs to complete skein's command lines, or answers what that asks. */
import { resolveHome } from '@skein/client/home';
import { SkeinError } from '@skein/protocol/errors';
import { offered } from '../../completion/line.ts';
import { named } from '../../completion/names.ts';
import { SCRIPTS } from '../../completion/scripts.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson, writeAll } from '../../output/write.ts';
import { COMMANDS } from '../all.ts';

export async function run(call: Call): Promise<void> {
  const shell = call.needed('shell');
  const given = call.args('words');
  if (shell === 'words') return words(call, given[0] === '--' ? given.slice(1) : given);
  if (!isKnown(shell) || given.length > 0) {
    throw new SkeinError('bad_request', `Scripts are there for ${Object.keys(SCRIPTS).join(', ')}.`, {
      see: 'skein completion --help',
    });
  }
  if (call.json) printJson({ shell, script: SCRIPTS[shell] });
  else writeAll(1, SCRIPTS[shell]);
}

async function words(call: Call, line: readonly string[]): Promise<void> {
  const offer = offered(COMMANDS, line);
  const home = offer.home === undefined ? call.home : resolveHome(offer.home);
  const { choices, shell } = await named(home, line.at(-1) ?? '', offer);
  if (call.json) return printJson([...choices, ...shell.map((word) => ({ word, summary: '' }))]);
  const lines = [...choices.map(({ word, summary }) => `${word}\t${oneLine(summary)}`), ...shell];
  if (lines.length > 0) print(lines.join('\n'));
}

function isKnown(shell: string): shell is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, shell);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 120);
}
