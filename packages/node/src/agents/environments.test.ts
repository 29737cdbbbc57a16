/** The environments of agents outlive their starts, for their owner's eyes alone, and no agent. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import { afterEach, expect, test } from 'vitest';
import { AgentEnvironments } from './environments.ts';

const homes: string[] = [];
const makeHome = () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-envs-'));
  homes.push(home);
  return home;
};
afterEach(() => {
  for (const home of homes.splice(0)) fs.rmSync(home, { recursive: true, force: true });
});

test('[A3] an agent has the same environment at each start, until it is removed', () => {
  const home = makeHome();
  const agent = newId();
  new AgentEnvironments(home).keep(agent, { KEY: 'secret' });
  const kept = new AgentEnvironments(home);
  expect(kept.take(agent)).toEqual({ KEY: 'secret' });
  expect(kept.take(agent)).toEqual({ KEY: 'secret' });
  expect(fs.statSync(path.join(home, 'agents-env')).mode & 0o777).toBe(0o700);
  expect(fs.statSync(path.join(home, 'agents-env', agent)).mode & 0o777).toBe(0o600);
  kept.drop(agent);
  expect(kept.take(agent)).toBeUndefined();
});

test('[A3] those of agents that are no more are swept away', () => {
  const home = makeHome();
  const kept = new AgentEnvironments(home);
  const [stays, goes] = [newId(), newId()];
  for (const agent of [stays, goes]) kept.keep(agent, { A: agent });
  fs.writeFileSync(path.join(home, 'agents-env', `${goes}.1.new`), 'half');
  kept.sweep(new Set([stays]));
  expect(fs.readdirSync(path.join(home, 'agents-env'))).toEqual([stays]);
});

test('[A3] what is no id of an agent names no file, and what is damaged is said to be', () => {
  const home = makeHome();
  const kept = new AgentEnvironments(home);
  expect(() => kept.take('../trusted')).toThrow(expect.objectContaining({ code: 'bad_request' }));
  const agent = newId();
  fs.writeFileSync(path.join(home, 'agents-env', agent), '{"A":');
  expect(() => kept.take(agent)).toThrow(expect.objectContaining({ code: 'agent_start_failed' }));
});
