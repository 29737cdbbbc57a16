/** Shows what a workspace's `.skein` holds, and records that the user agrees to it as it is, or no longer does. */
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { loadDefinitions } from '@skein/node/agents/definitions/load';
import type { WorkspaceFile } from '@skein/node/agents/definitions/trust';
import { openHome } from '@skein/node/home';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import { nodeBundle } from '../../connect/start.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { complain, print, printJson } from '../../output/write.ts';

export async function trust(call: Call): Promise<number> {
  const definitions = await loadDefinitions(path.dirname(nodeBundle()));
  const dir = path.resolve(call.arg('what') ?? '.');
  openHome(call.home);
  const trusted = new definitions.Trust(call.home);
  // What is gone can still be withdrawn: until then everything is asked about there.
  const left = call.flag('withdraw') ? trusted.agreedAbove(dir)[0] : undefined;
  const workspace = left ?? definitions.workspaceOf(dir);
  if (workspace === undefined)
    throw new SkeinError('not_found', `Neither ${dir} nor a directory above it has a .skein.`);
  if (call.flag('withdraw')) {
    const was = trusted.withdraw(workspace);
    if (call.json) printJson({ workspace, trusted: false, files: [] });
    else print(was ? `${workspace} is not trusted any more.` : `${workspace} was not trusted.`);
    return 0;
  }
  const files = definitions.workspaceFiles(workspace);
  if (files.length === 0)
    throw new SkeinError('not_found', `${workspace}/.skein holds nothing to agree to.`, {
      advice: 'If you had agreed to something there: skein agent trust --withdraw',
    });
  const news = files.filter(({ relative, bytes }) => !trusted.has(workspace, relative, bytes));
  const gone = trusted.agreedIn(workspace).filter((one) => !files.some(({ relative }) => relative === one));
  const runs = files.map((file) => whatItDoes(definitions, workspace, file));
  if (news.length + gone.length > 0) {
    if (!call.json) show(workspace, files, runs, news, gone);
    if (!(call.flag('yes') || (await agrees(call, workspace)))) return 1;
    trusted.agree(workspace, files);
  }
  const told = files.map(({ file, hash }) => ({ file, hash }));
  if (call.json) printJson({ workspace, trusted: true, files: told });
  else if (news.length + gone.length === 0) print(`${workspace} is trusted as it is.`);
  else print(`${workspace} is trusted, until one of these files changes.`);
  return 0;
}

/** What it would run, or answer; throws `definition_invalid`, for nobody can agree to what cannot be read. */
function whatItDoes(
  { readDefinition, checkPolicy }: Awaited<ReturnType<typeof loadDefinitions>>,
  base: string,
  { file, bytes, relative }: WorkspaceFile,
): string {
  if (relative === 'policy.yaml') {
    const rules = checkPolicy(file, bytes);
    return `${rules} rule${rules === 1 ? '' : 's'}, which can only make things stricter`;
  }
  const name = path.basename(file, '.yaml');
  const { definition } = readDefinition({ source: file, bytes, base }, name);
  const { command, args, env, driver } = definition;
  const variables = Object.keys(env);
  const set = variables.length === 0 ? '' : `, with ${variables.join(', ')} set`;
  return `agent "${name}" (${driver}) runs: ${[command, ...args].map(shellWord).join(' ')}${set}`;
}

function show(
  workspace: string,
  files: readonly WorkspaceFile[],
  runs: readonly string[],
  news: readonly WorkspaceFile[],
  gone: readonly string[],
): void {
  print(`${workspace}/.skein holds:`);
  for (const [at, file] of files.entries()) {
    const { relative, bytes } = file;
    print(`\n${relative}${news.includes(file) ? ' (new or changed)' : ''}\n  ${runs[at]}\n`);
    print(bytes.toString('utf8').trimEnd().replace(/^/gm, '  | '));
  }
  for (const relative of gone) print(`\n${relative} (gone, and with it what it denied)`);
  print('');
}

async function agrees(call: Call, workspace: string): Promise<boolean> {
  if (call.json || !isTerminal(0) || !isTerminal(2))
    throw new SkeinError('not_trusted', `Nobody is here to agree to ${workspace}.`, {
      advice: 'On a terminal you are asked; when you have read it: skein agent trust --yes',
    });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const said = await lines.question('Use it on this machine, with your rights? [y/N] ');
    if (/^y(es)?$/i.test(said.trim())) return true;
  } finally {
    lines.close();
  }
  complain('Nothing was changed.');
  return false;
}
