/** Checks of the agents that can be started: their files, their programs, the policies. */
import path from 'node:path';
import { loadDefinitions } from '@skein/node/agents/definitions/load';
import type { ListedDefinition } from '@skein/protocol/agents/asks';
import { SkeinError } from '@skein/protocol/errors';
import { here } from '../../connect/here.ts';
import { nodeBundle } from '../../connect/start.ts';
import { type Check, fail, ok, warn } from '../doctor/check.ts';

/** Of one when it is named: then its program must be there. */
export async function checkAgents(home: string, name?: string): Promise<Check[]> {
  const { all, policies } = await look(home, name ?? 'claude');
  const named = name === undefined ? all : all.filter((one) => one.name === name);
  if (named.length === 0)
    throw new SkeinError('not_found', `There is no agent "${name}".`, { see: 'skein agent ls' });
  return [...named.map((one) => checkOne(one, name !== undefined)), ...policies];
}

/** In one line: what `skein doctor` says of them. A file that is wrong has a line of its own. */
export async function summariseAgents(home: string): Promise<Check[]> {
  const { all, policies } = await look(home, 'claude');
  const there = all.filter(({ found }) => found);
  const names = there.map(({ name, version }) => (version === null ? name : `${name} ${version}`));
  const line =
    there.length === 0
      ? ok('agents', 'No program of one is installed; what there is to install: skein agent ls')
      : ok('agents', names.join(', '));
  const wrong = all.filter(({ problem }) => problem !== undefined).map((one) => checkOne(one, false));
  return [line, ...wrong, ...policies.filter(({ state }) => state !== 'ok')];
}

async function look(home: string, name: string) {
  const { listDefinitions, readPolicies } = await loadDefinitions(path.dirname(nodeBundle()));
  const cwd = here();
  const set = Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined);
  const all = await listDefinitions({ home, cwd, env: Object.fromEntries(set), remember: false });
  const { policies, problems } = readPolicies(name, { home, cwd });
  // What is wrong with a definition is told of that.
  const broken = problems.filter(
    ({ code, data }) => code === 'not_trusted' || String(data?.file).endsWith('policy.yaml'),
  );
  const rules = policies.reduce((sum, one) => sum + one.rules.length, 0);
  const told =
    broken.length === 0
      ? [ok('policies', `${rules} rule${rules === 1 ? '' : 's'}`)]
      : broken.map((error) =>
          fail(
            'policies',
            `${error.message} Agents ask about everything.`,
            typeof error.data?.advice === 'string' ? error.data.advice : 'Mend the file.',
          ),
        );
  return { all, policies: told };
}

function checkOne(one: ListedDefinition, wanted: boolean): Check {
  const { name, problem, found, path: file, version, command, install } = one;
  const title = `agent ${name}`;
  if (problem?.code === 'not_trusted') return warn(title, problem.message, 'skein agent trust');
  if (problem !== undefined) return fail(title, problem.message, 'Mend the file, or: skein agent rm');
  if (found) return ok(title, `${file}${version === null ? '' : `, ${version}`}`);
  const missing = wanted ? fail : warn;
  return missing(title, `${command} is missing`, install ?? 'Install its program, or mend its PATH.');
}
