/** Adds definitions of the user's own, and removes them. */
import fs from 'node:fs';
import path from 'node:path';
import { loadDefinitions } from '@skein/node/agents/definitions/load';
import { definitionPath, userDefinitions } from '@skein/node/agents/definitions/places';
import { openHome } from '@skein/node/home';
import { makeDir, writeWhole } from '@skein/node/platform/files';
import { definitionName } from '@skein/protocol/agents/names';
import { SkeinError } from '@skein/protocol/errors';
import { nodeBundle } from '../../connect/start.ts';
import { readStdin } from '../../connect/stdin.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { TEMPLATE } from './template.ts';

/** Bytes of stdin that are read to be told what is wrong with them: more than any definition may have. */
const MOST_READ = 1024 * 1024;

export async function add(call: Call): Promise<void> {
  const what = call.arg('what');
  const fresh = call.flag('from-template');
  if (what === undefined)
    throw new SkeinError(
      'bad_request',
      fresh ? 'Say what it is to be called.' : 'Say which file, or - for stdin.',
    );
  const name = checkedName(call.text('name') ?? (fresh ? what : nameOf(what)));
  const bytes = fresh ? Buffer.from(TEMPLATE) : await read(what);
  const { readDefinition } = await loadDefinitions(path.dirname(nodeBundle()));
  // Whatever is wrong with it is told of the file that the user has before them.
  const { definition } = readDefinition({ source: fresh ? 'template' : what, bytes, base: '/' }, name);
  const file = definitionPath(userDefinitions(call.home), name);
  if (fs.existsSync(file) && !call.flag('force'))
    throw new SkeinError('name_taken', `There is ${file} already.`, {
      advice: `Edit it, or add --force to put this one in its place.`,
    });
  openHome(call.home);
  makeDir(userDefinitions(call.home));
  writeWhole(file, bytes);
  if (call.json) return printJson({ name, file });
  print(
    fresh ? `Fill it in: ${file}\nThen: skein agent doctor ${name}` : `Added ${file}: ${definition.command}`,
  );
}

export async function remove(call: Call): Promise<void> {
  const name = checkedName(call.arg('what') ?? '');
  const file = definitionPath(userDefinitions(call.home), name);
  if (!fs.existsSync(file)) {
    const { builtIn } = await loadDefinitions(path.dirname(nodeBundle()));
    const why = builtIn(name) === undefined ? 'See: skein agent ls' : 'It comes with Skein, and stays.';
    throw new SkeinError('not_found', `You have no definition "${name}" of your own.`, { advice: why });
  }
  fs.rmSync(file);
  if (call.json) printJson({ name, file });
  else print(`Removed ${file}. Agents that run go on.`);
}

function nameOf(file: string): string {
  if (file === '-') throw new SkeinError('bad_request', 'Say what it is to be called: --name NAME');
  return path.basename(file).replace(/\.ya?ml$/, '');
}

function checkedName(name: string): string {
  if (definitionName.safeParse(name).success) return name;
  throw new SkeinError(
    'bad_name',
    `"${name}" cannot be the name of a definition: lower-case letters, digits, ".", "_", "-".`,
    { see: 'skein agent --help' },
  );
}

async function read(file: string): Promise<Buffer> {
  if (file === '-') return readStdin(MOST_READ);
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new SkeinError('not_found', `${file} cannot be read: ${(error as Error).message}.`);
  }
}
