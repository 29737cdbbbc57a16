/** One question, many who may answer (rule A5): exactly one answer counts, whoever comes later is told whose it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { expect, test } from 'vitest';
import { AgentLog } from './support/agent-log.ts';
import { SharedNode } from './support/devices.ts';
import { destroyHome, makeHome } from './support/home.ts';
import { NodeProcess } from './support/node-process.ts';
import { codeOf } from './support/people.ts';
import { defineTalking, openTalking } from './support/talking.ts';
import { connectNode } from './support/transport.ts';

/** Questions that are raced for. */
const RACES = 25;
/** Milliseconds. */
const START_MS = 10;

const edit = (client: Client, session: string, agent: string) =>
  client.command(`session/${session}`, 'prompt.queue', {
    agent,
    prompt: newId(),
    parts: [{ type: 'text', text: 'edit /w/a one => two' }],
  });

const openIn = ({ state }: AgentLog) =>
  Object.values(state.approvals).find(({ answered }) => answered === null)?.approval;

test('[A5] [M2] of three people on three channels one answers, the others are told who; a viewer is refused', async () => {
  const node = await SharedNode.start();
  try {
    defineTalking(node.home);
    const { id, agents } = await openTalking(node.owner, 'race', '/tmp');
    const log = new AgentLog(node.owner, id);
    const [one, two] = [await node.join(id, 'approver'), await node.join(id, 'operator')];
    const viewer = await node.join(id, 'viewer');
    const winners: number[] = [];
    for (let race = 0; race < RACES; race++) {
      await edit(node.owner, id, agents[0] ?? '');
      await log.until('it asks', () => openIn(log) !== undefined);
      const approval = openIn(log) ?? '';
      const answer = (client: Client, said: 'allow' | 'deny') =>
        client.command(`session/${id}`, 'approval.answer', { approval, answer: said, always: false });
      expect(await codeOf(answer(viewer.client, 'allow'))).toBe('not_allowed');
      // Mostly all at once, which the shortest channel wins; now and then each in turn has a start.
      const ahead = race % 4 === 0 ? (race / 4) % 3 : undefined;
      const people = [node.owner, one.client, two.client];
      const order = people.map((_, i) => (i + race) % people.length);
      const told = new Map(
        await Promise.all(
          order.map(async (i) => {
            const said = i === 0 ? 'allow' : 'deny';
            if (ahead !== undefined && i !== ahead) await sleep(START_MS);
            const outcome = await answer(people[i] as Client, said).catch(SkeinError.from);
            return [i, outcome] as const;
          }),
        ),
      );
      const won = [...told].filter(([, outcome]) => !(outcome instanceof SkeinError)).map(([i]) => i);
      expect(won).toHaveLength(1);
      const winner = won[0] ?? -1;
      winners.push(winner);
      const member = winner === 1 ? one : two;
      const by =
        winner === 0
          ? { kind: 'owner' }
          : { kind: 'member', member: member.joined.member, device: member.device };
      for (const [i, outcome] of told) {
        if (i === winner) continue;
        expect(outcome).toMatchObject({ code: 'already_answered', data: { by } });
      }
      await log.until('the turn ends', () => log.of('turn.ended').length === race + 1);
      const answered = log.of('approval.answered');
      expect(answered).toHaveLength(race + 1);
      expect(answered.at(-1)).toMatchObject({ by, body: { outcome: winner === 0 ? 'allowed' : 'denied' } });
    }
    expect(new Set(winners).size).toBe(3);
    expect(log.problems).toEqual([]);
    log.stop();
  } finally {
    await node.stop();
  }
}, 60_000);

test('[A5] what nobody answers is still asked after restarts of the node and of clients, and can be answered then', async () => {
  const home = makeHome();
  defineTalking(home);
  let node = await NodeProcess.start(home);
  let client = await connectNode(home);
  try {
    const { id, agents } = await openTalking(client, 'patient', '/tmp');
    await edit(client, id, agents[0] ?? '');
    await new AgentLog(client, id).until('it asks', (log) => openIn(log) !== undefined);
    const asked = (await client.ask('approvals', { ref: id })).approvals;
    expect(asked).toHaveLength(1);
    for (const end of ['kill', 'stop', 'kill'] as const) {
      client.close();
      await node[end]();
      node = await NodeProcess.start(home);
      client = await connectNode(home);
      expect((await client.ask('approvals', { ref: id })).approvals).toEqual(asked);
    }
    const approval = asked[0]?.approval ?? '';
    await client.command(`session/${id}`, 'approval.answer', { approval, answer: 'allow', always: false });
    const log = new AgentLog(client, id);
    await log.until('the turn ends', () => log.of('turn.ended').length === 1);
    expect(log.of('turn.ended')[0]?.body).toMatchObject({ reason: 'done' });
    expect((await client.ask('approvals', { ref: id })).approvals).toEqual([]);
    log.stop();
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
}, 60_000);
