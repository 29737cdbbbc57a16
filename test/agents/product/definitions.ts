/** Definitions of the real agents in a home of a test's own: those that come with Skein, made to run offline. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtIn } from '@skein/node/agents/definitions/built-in';
import type { RawAgent } from '../raw-agent.ts';
import type { Place } from '../site.ts';

/** Milliseconds before a killed agent is started again: long enough to make what it has kept look older, and to stop it. */
const REST_MS = 2_000;

/** JSON is YAML. The agent's home and whatever it reads are the site's: nothing of whoever runs the test. */
export function writeDefinition(skeinHome: string, agent: RawAgent, program: string, site: Place): void {
  const own = builtIn(agent.name);
  if (own === undefined) throw new Error(`no definition of ${agent.name} comes with Skein`);
  const { driver, args, options, env, pty } = own;
  const definition = {
    ...{ driver, args, options, pty },
    command: program,
    env: { ...env, ...agent.launch(site, undefined).env },
    restart: { delay: `${REST_MS}ms` },
  };
  const folder = join(skeinHome, 'agents');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${agent.name}.yaml`), JSON.stringify(definition));
}
