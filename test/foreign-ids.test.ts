/** Members who name what is another session's as their own (rule M2): whoever may do something in one session may do it there alone. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@skein/protocol/ids';
import type { Role } from '@skein/protocol/members/roles';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentLog } from './support/agent-log.ts';
import { SharedNode } from './support/devices.ts';
import { defineTalking, openTalking } from './support/talking.ts';

let node: SharedNode;
let mine: { id: string; agents: string[] };
let theirs: { id: string; agents: string[] };

beforeEach(async () => {
  node = await SharedNode.start();
  defineTalking(node.home);
  mine = await openTalking(node.owner, 'mine', '/tmp');
  theirs = await openTalking(node.owner, 'theirs', '/tmp');
  for (const { id } of [mine, theirs]) {
    const log = new AgentLog(node.owner, id);
    await log.until('it is ready', () => log.of('agent.ready').length === 1);
  }
});
afterEach(() => node.stop());

/** Somebody with a role in `mine`, who may look on everywhere else. */
async function mallory(role: Role, ...others: string[]) {
  const { client, device } = await node.join(mine.id, role);
  for (const id of others) await node.join(id, 'viewer', { history: 'all' }, device);
  const see = (ref: string) => client.ask('session', { ref });
  const restart = (run: string) =>
    client.command(`session/${mine.id}`, 'agent.restart', {
      agent: mine.agents[0] ?? '',
      run,
      fresh: true,
    });
  return { client, see, restart };
}

test('[M2] the run of an agent of another session cannot be taken over by a restart', async () => {
  const { see, restart } = await mallory('operator', theirs.id);
  const victim = (await see(theirs.id)).agents[theirs.agents[0] ?? '']?.run;
  await expect(restart(victim?.run ?? '')).rejects.toMatchObject({ code: 'name_taken' });
  expect(existsSync(`/proc/${victim?.pid}`)).toBe(true);
});

test('[M2] nor can that of a terminal, whose journal stays as it was', async () => {
  const shell = await node.session(['sh', '-c', 'echo precious; exec cat']);
  const { see, restart } = await mallory('operator', shell);
  const run = (await see(shell)).run?.run ?? '';
  const files = readdirSync(join(node.home, 'runs', run));
  await expect(restart(run)).rejects.toMatchObject({ code: 'name_taken' });
  expect(readdirSync(join(node.home, 'runs', run))).toEqual(files);
});

test('[M2] nor can a run that another session is waiting to begin', async () => {
  const { see, restart } = await mallory('operator', theirs.id);
  // It does not end by itself at once: its next run waits for that.
  const next = newId();
  const [agent = ''] = theirs.agents;
  const asked = node.owner.command(`session/${theirs.id}`, 'agent.restart', {
    agent,
    run: next,
    fresh: true,
  });
  await asked;
  await expect(restart(next)).rejects.toMatchObject({ code: 'name_taken' });
  expect((await see(theirs.id)).agents[agent]).toMatchObject({ agent });
});

test('[M2] an owner of one session gets no agent with the surroundings of one of another', async () => {
  const { handle } = await node.owner.ask('env', {
    vars: { PATH: process.env.PATH ?? '', API_KEY: 'sk-theirs' },
  });
  const secret = { agent: newId(), run: newId(), definition: 'talking', name: 'secret' };
  await node.owner.command(`session/${theirs.id}`, 'agent.add', { ...secret, cwd: '/tmp', env: handle });
  const { client } = await mallory('owner', theirs.id);
  const thief = { agent: secret.agent, run: newId(), definition: 'talking', name: 'thief', cwd: '/tmp' };
  await expect(client.command(`session/${mine.id}`, 'agent.add', thief)).rejects.toMatchObject({
    code: 'name_taken',
  });
  const other = { ...thief, agent: newId(), run: secret.run };
  await expect(client.command(`session/${mine.id}`, 'agent.add', other)).rejects.toMatchObject({
    code: 'name_taken',
  });
  expect(existsSync(join(node.home, 'agents-env', secret.agent))).toBe(true);
});

test('[K3] within one session as well a run is begun once', async () => {
  const { see, restart } = await mallory('operator');
  const run = (await see(mine.id)).agents[mine.agents[0] ?? '']?.run;
  await expect(restart(run?.run ?? '')).rejects.toMatchObject({ code: 'name_taken' });
});

test('[M2] [M3] nor one that goes on with what was said in another session', async () => {
  const { client } = await mallory('owner');
  for (const more of [{ resume: 'their-session' }, { args: ['--resume', 'their-session'] }]) {
    const wish = { agent: newId(), run: newId(), definition: 'talking', name: 'curious', ...more };
    await expect(client.command(`session/${mine.id}`, 'agent.add', wish)).rejects.toMatchObject({
      code: 'not_allowed',
    });
  }
});
