/** What a member may read of a session, on a real node with real programs (rules M2, M3, L5). */
import { createHash } from 'node:crypto';
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { emptySession, reduceSession } from '@skein/protocol/sessions/state';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTicket, SharedNode } from './support/devices.ts';
import { LaneViewer } from './support/lane-viewer.ts';
import { eventsOf } from './support/people.ts';

let node: SharedNode;
beforeAll(async () => {
  node = await SharedNode.start();
});
afterAll(() => node.stop());

describe('reading', () => {
  test('[M2] what is withheld keeps its place, and says what it was by its hash alone', async () => {
    const session = await node.session();
    const viewer = await node.join(session, 'viewer', { history: 'all' });
    await makeTicket(node.owner, session, { role: 'viewer' });
    const whole = await eventsOf(node.owner, session);
    const seen = await eventsOf(viewer.client, session);
    expect(seen).toHaveLength(whole.length);
    for (const [i, event] of whole.entries()) {
      if (!event.type.startsWith('ticket.')) expect(seen[i]).toEqual(event);
      else
        expect(seen[i]).toEqual({
          type: 'withheld',
          at: 0,
          by: null,
          body: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        });
    }
    const made = whole.filter(({ type }) => type === 'ticket.made');
    expect(made).toHaveLength(2);
    for (const { body } of made) expect(JSON.stringify(seen)).not.toContain((body as { hash: string }).hash);
    // Two different events, two different hashes.
    const hashes = seen
      .filter(({ type }) => type === 'withheld')
      .map(({ body }) => (body as { hash: string }).hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('[L5] a reader of less reduces what it may see, and placeholders change nothing', async () => {
    const session = await node.session();
    const viewer = await node.join(session, 'viewer', { history: 'all' });
    const seen = await eventsOf(viewer.client, session);
    const state = seen.reduce((s, e, n) => reduceSession(s, e, n + 1), emptySession(session));
    const known = seen
      .filter(({ type }) => type !== 'withheld')
      .reduce((s, e, n) => reduceSession(s, e, n + 1), emptySession(session));
    expect(state).toEqual(known);
    expect(state.tickets).toEqual({});
    expect(Object.keys(state.members)).toEqual([viewer.joined.member]);
  });

  test('[M3] from-join: nothing of before, neither events nor output nor lines; the present screen is theirs', async () => {
    const session = await node.session([
      'bash',
      '-c',
      'for i in {1..60}; do echo early-$i; done; while read -r x; do echo "got $x"; done',
    ]);
    const operator = await node.join(session, 'operator', { history: 'all' });
    const typing = new LaneViewer(operator.client, session, { role: 'write' });
    await typing.until(() => typing.text.includes('early-60'));
    const viewer = await node.join(session, 'viewer');
    typing.type('later\n');
    await typing.until(() => typing.text.includes('got later'));

    const events = await eventsOf(viewer.client, session);
    const from = events.findIndex(({ type }) => type !== 'withheld') + 1;
    expect(events[from - 1]).toMatchObject({ type: 'member.joined', body: { device: viewer.device, from } });

    const output = new LaneViewer(viewer.client, session, {
      hello: { view: 'bytes', from: 0, follow: false },
    });
    await output.until(() => output.over && output.text.includes('got later'));
    expect(output.text).not.toContain('early');
    expect(output.gaps).toEqual([{ from: 0, to: output.first }]);
    const whole = new LaneViewer(operator.client, session, {
      hello: { view: 'bytes', from: 0, follow: false },
    });
    await whole.until(() => whole.over);
    expect(whole.text).toContain('early-1\r\n');
    expect(whole.gaps).toEqual([]);

    const lines = async (client: Client) =>
      (await client.ask('screen', { ref: session, form: 'text', history: 1000 })).data;
    expect(await lines(viewer.client)).toContain('early-60');
    expect(await lines(viewer.client)).not.toContain('early-1\n');
    expect(await lines(operator.client)).toContain('early-1\n');
    const shown = new LaneViewer(viewer.client, session);
    await shown.until(() => shown.text.includes('early-60'));

    // The same of what is kept once the program has ended.
    await node.owner.command(`session/${session}`, 'run.signal', { signal: 'SIGKILL' });
    await node.owner.ask('ended', { ref: session });
    const kept = new LaneViewer(viewer.client, session, { hello: { view: 'bytes', from: 0 } });
    await kept.until(() => kept.over);
    expect(kept.text).toContain('got later');
    expect(kept.text).not.toContain('early');
    expect(kept.gaps).toEqual([{ from: 0, to: kept.first }]);
    expect(await lines(viewer.client)).not.toContain('early-1\n');
  });

  test('[M2] a session is told without its invitations, and what one may do in it', async () => {
    const session = await node.session();
    const { client, joined } = await node.join(session, 'approver');
    await makeTicket(node.owner, session, { role: 'owner' });
    const told = await client.ask('session', { ref: session });
    expect(told.you).toEqual({ role: 'approver', member: joined.member });
    expect(JSON.stringify(told)).not.toMatch(/hash|ticket/);
    expect((await node.owner.ask('session', { ref: session })).you).toEqual({ role: 'owner' });
    const open = await node.owner.ask('tickets', { ref: session });
    expect(open).toMatchObject([{ role: 'owner', left: 1, uses: 1 }]);
    expect(JSON.stringify(open)).not.toContain('hash');
  });

  test('[M2] a blob is given to whom its event is given', async () => {
    const session = await node.session(['sh', '-c', 'cat', 'x'.repeat(100_000)]);
    const late = await node.join(session, 'viewer');
    const early = await node.join(session, 'viewer', { history: 'all' });
    const [created] = await eventsOf(node.owner, session);
    const { hash } = (created as unknown as { blob: { hash: string } }).blob;
    const fetch = (client: Client, of: { stream: string; offset: number }, wanted = hash) =>
      new Promise<string>((resolve) => {
        const lane = client.newLane();
        client.addLane(lane, {
          open: () => ({ t: 'fetch', lane, hash: wanted, from: 0, credit: 1000, of }),
          frame: (answer) => resolve(answer.t === 'end' ? (answer.error?.code ?? 'end') : answer.t),
          failed: () => resolve('failed'),
        });
      });
    const of = { stream: `session/${session}`, offset: 1 };
    expect(await fetch(early.client, of)).toBe('chunk');
    expect(await fetch(late.client, of)).toBe('not_found');
    expect(await fetch(early.client, { ...of, offset: 3 })).toBe('not_found');
    expect(await fetch(early.client, of, createHash('sha256').update('other').digest('hex'))).toBe(
      'not_found',
    );
    expect(await fetch(early.client, { stream: 'node', offset: 1 })).toBe('not_allowed');
  });

  test('[L8] a body too large for a page is fetched whole, by whom its event is given', async () => {
    const argv = ['sh', '-c', 'cat', ...['a', 'b', 'c'].map((letter) => letter.repeat(120_000))];
    const session = await node.session(argv);
    const early = await node.join(session, 'viewer', { history: 'all' });
    const [created] = await eventsOf(early.client, session);
    const event = created as StoredEvent;
    expect(event.body).toBe(undefined);
    const whole = await wholeEvent(early.client, `session/${session}`, 1, event);
    expect(whole.body).toMatchObject({ id: session, argv });
    await expect(wholeEvent(early.client, `session/${session}`, 2, event)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('[L4] a session is told at a place in its stream, to go on from', async () => {
    const session = await node.session();
    const { cursor } = await node.owner.ask('session', { ref: session });
    await node.owner.command('node', 'session.rename', { id: session, name: 'other' });
    const tail = node.owner.subscribe({
      stream: `session/${session}`,
      from: cursor ?? { offset: 0 },
      follow: true,
    });
    expect((await tail.next())?.events[0]).toMatchObject({ type: 'session.renamed' });
    tail.close();
  });
});
