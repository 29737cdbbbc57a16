/**
 * A home that was restored from a copy while the first one was cut off, and the machine that runs an agent of both: one commands it,
 * the other is told that its lease has ended (rule X3).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Log } from '../agents/product/log.ts';
import { steps } from '../support/acp-agent.ts';
import { Skein } from '../support/cli.ts';
import { defineFake } from '../support/fake-definition.ts';
import { Machines } from '../support/machines.ts';
import { condition, linux, needs } from '../support/needs.ts';
import { RelaySite } from '../support/relay-site.ts';
import { connectNode } from '../support/transport.ts';

const missing = Machines.missing();
const PATIENCE_MS = 120_000;
const RETRY_MS = 60_000;
/** What a node's home holds of its past, and who it is; the rest is of processes that run. */
const PAST = ['log', 'identity', 'spool'];
const PORT = '0.0.0.0:7001';

needs(linux, condition(missing === undefined, missing ?? ''))('two homes of one agent', () => {
  let machines: Machines;
  let relay: RelaySite;
  let worker: Skein;
  let first: Skein;
  let second: Skein;
  const clients: Client[] = [];
  const logs: Log[] = [];

  beforeAll(async () => {
    machines = new Machines();
    const [w, a, b, r] = ['worker', 'first', 'second', 'relay'].map((name) => machines.add(name));
    if (w === undefined || a === undefined || b === undefined || r === undefined)
      throw new Error('no machines');
    relay = await RelaySite.start(r.address, r.under);
    [worker, first, second] = [new Skein(w.under), new Skein(a.under), new Skein(b.under)];
    defineFake(worker.home);
    for (const [skein, name] of [
      [worker, 'box'],
      [first, 'laptop'],
    ] as const)
      skein.run('mesh', '--listen', PORT, '--name', name, '--relay', relay.url);
  }, PATIENCE_MS);

  afterAll(async () => {
    for (const log of logs) log.stop();
    for (const client of clients) client.close();
    for (const skein of [second, first, worker]) skein?.destroy();
    await relay?.end();
    machines?.end();
  });

  const clientOf = async ({ home }: Skein): Promise<Client> => {
    const client = await connectNode(home, { retryFor: RETRY_MS });
    clients.push(client);
    return client;
  };
  const follow = (client: Client, session: string): Log => {
    const log = new Log(client, session);
    logs.push(log);
    return log;
  };

  test(
    '[X3] after a partition one commands, and the other is told that its lease has ended',
    async () => {
      const { peer } = first.json<{ peer: string }>('node', 'show');
      worker.run('grant', peer, '--agents', 'fake', '--away', 'go-on');
      const { locator } = worker.json<{ locator: string }>('node', 'show');
      first.run('node', 'add', locator, '--name', 'box');
      const { session, agent } = first.json<{ session: string; agent: string }>(
        ...['spawn', 'fake', '--on', 'box', '--scratch', '--name', 'api'],
      );
      const say = async (client: Client, text: string) => {
        const prompt = newId();
        const parts = [{ type: 'text' as const, text: steps({ do: 'say', text }) }];
        await client.command(`session/${session}`, 'prompt.queue', { agent, prompt, parts });
        return prompt;
      };
      const ours = await clientOf(first);
      const log = follow(ours, session);
      await say(ours, 'to the first');
      await log.until('its answer', ({ type, body }) => type === 'turn.ended' && body.reason === 'done');

      // A copy of the first, as a backup would have it.
      first.run('down');
      for (const name of PAST) {
        if (!existsSync(join(first.home, name))) continue;
        rmSync(join(second.home, name), { recursive: true, force: true });
        // With its modes: what others could read would be refused.
        execFileSync('cp', ['-a', join(first.home, name), join(second.home, name)]);
      }
      first.run('up');
      const began = log.events.length;
      await log.until('its next lease', ({ type }) => type === 'far.leased', began);

      // It goes on, cut off from the others; the second finds that somebody has commanded since, and takes it when it is told to.
      machines.plug('first', false);
      second.run('up');
      const theirs = await clientOf(second);
      const copy = follow(theirs, session);
      await copy.until('that another commands', ({ type }) => type === 'far.unleased');
      second.run('restart', 'api/fake');
      const restarted = copy.events.length;
      await copy.until('its lease', ({ type }) => type === 'far.leased', restarted);
      const prompt = await say(theirs, 'to the second');
      const begun = await copy.until('its turn', ({ type, body }) =>
        type === 'turn.started' && body.prompt === prompt ? body : undefined,
      );
      await copy.until('its end', ({ type, body }) => type === 'turn.ended' && body.turn === begun.turn);

      // The first comes back, and is told.
      machines.plug('first', true);
      await log.until('that its lease has ended', ({ type }) => type === 'far.unleased');
      const refusal = (done: Promise<unknown>) =>
        done.then(
          () => undefined,
          (error) => SkeinError.from(error).code,
        );
      const stop = () => ours.command(`session/${session}`, 'agent.stop', { agent, grace: 0 });
      expect(await refusal(stop())).toBe('lease_lost');
      expect(await refusal(say(ours, 'in vain'))).toBe('lease_lost');

      // The second goes on commanding.
      const last = await say(theirs, 'again');
      await copy.until('its turn', ({ type, body }) => type === 'turn.started' && body.prompt === last);
      expect(first.json<unknown[]>('ls')).toMatchObject([{ name: 'api' }]);
    },
    PATIENCE_MS,
  );
});
