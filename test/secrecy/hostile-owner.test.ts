/** A node that owns a session and means harm to whoever joined it: what it says is shown as text, and holds nobody up. */
import type { ClientFrame, NodeFrame } from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { encodeTicket, newSecret } from '@skein/protocol/members/ticket';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Skein } from '../support/cli.ts';
import { Meshes, type TestNode } from '../support/meshes.ts';

const SESSION = 'abcdefghijkl';
/** Clears the screen, sets the title, goes up, turns letters round. */
const NASTY = 'x\x1b[2J\x1b]0;title\x07\x9b1A\u202ey';
const REPLY = {
  session: SESSION,
  name: 'api',
  member: 'abcdefghijkm',
  as: 'guest',
  role: 'operator',
  history: 'all',
  device: '12D3',
};

type Answer = (frame: ClientFrame) => NodeFrame | undefined;

const meshes = new Meshes();
let guest: Skein;
let owner: TestNode;
let answer: Answer;

beforeAll(async () => {
  guest = new Skein();
  owner = await meshes.node({
    listen: ['127.0.0.1:0'],
    incoming: (pipe) => ({
      message(bytes) {
        const frame = unpack(bytes) as ClientFrame;
        const said = frame.t === 'hello' ? welcome() : answer(frame);
        if (said !== undefined) pipe.send(pack(said));
      },
      closed() {},
    }),
  });
});
afterAll(async () => {
  guest.destroy();
  await meshes.end();
});
beforeEach(() => {
  answer = behaved;
});

function welcome(): NodeFrame {
  return {
    t: 'welcome',
    version: 1,
    node: { id: 'x', version: '0', pid: 0 },
    limits: { frame: 1_000, lanes: 1, window: 1 },
  };
}

function behaved(frame: ClientFrame): NodeFrame | undefined {
  if (frame.t === 'cmd') return { t: 'reply', id: frame.id, body: REPLY };
  if (frame.t === 'ping') return { t: 'pong', n: frame.n };
  return frame.t === 'ask' ? { t: 'answer', n: frame.n, body: [] } : undefined;
}

function join() {
  const { peer, addrs, relays } = owner.at();
  const ticket = encodeTicket({
    ...{ peer, addrs, relays, session: SESSION, secret: newSecret(), role: 'operator', history: 'all' },
    expires: Math.ceil(Date.now() / 1000) + 600,
    ...{ node: NASTY.slice(0, 20), name: NASTY.slice(0, 20) },
  });
  return guest.later(['join', '-'], { input: ticket });
}

function expectHarmless(...texts: string[]): void {
  for (const text of texts) expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
}

test('[K5] a reply that makes no sense is no join, and nothing of it is kept', async () => {
  for (const bent of [{ name: NASTY }, { as: NASTY }, { role: 'emperor' }, { member: '__proto__' }, null]) {
    const body = bent === null ? null : { ...REPLY, ...bent };
    answer = (frame) => (frame.t === 'cmd' ? { t: 'reply', id: frame.id, body } : behaved(frame));
    const { status, stdout, stderr } = await join();
    expect(status).toBe(1);
    expect(stderr).toContain('(bad_frame)');
    expectHarmless(stdout, stderr);
  }
  expect((await guest.later(['ls', '--all'])).stdout).not.toContain('api');
});

test('[K5] the words of a refusal are shown as words', async () => {
  const error = { code: 'ticket_invalid', message: NASTY };
  answer = (frame) => (frame.t === 'cmd' ? { t: 'reply', id: frame.id, error } : behaved(frame));
  const { status, stderr } = await join();
  expect(status).not.toBe(0);
  expect(stderr).toContain('x^[[2J');
  expectHarmless(stderr);
});

test('[K5] [C5] names and listings are shown as text, and an answer that never comes holds up nobody', async () => {
  const joined = await join();
  expect(joined).toMatchObject({ status: 0 });
  expectHarmless(joined.stdout);
  const ref = /joined (\S+)/.exec(joined.stdout)?.[1] ?? '';
  const listed = (name: string) => ({
    ...{ id: SESSION, name, state: 'running', attached: 0, created: 1, size: null, argv: [NASTY] },
  });
  const answers: Record<string, unknown> = {
    sessions: [listed(NASTY), listed('api')],
    members: [
      {
        id: 'm',
        name: NASTY,
        role: NASTY,
        joined: 1,
        seen: 1,
        devices: [{ id: 'd', name: NASTY, role: NASTY, seen: 1, path: NASTY }],
      },
    ],
    session: {
      ...{ id: SESSION, name: NASTY },
      attached: [{ who: { kind: 'member', name: NASTY }, deviceName: NASTY, count: 1, typing: true }],
    },
    screen: { id: SESSION, offset: 0, cols: 80, rows: 24, data: NASTY },
  };
  answer = (frame) =>
    frame.t === 'ask' ? { t: 'answer', n: frame.n, body: answers[frame.type] as object } : behaved(frame);
  for (const words of [['ls', '--all'], ['members', ref], ['screen', ref], ['nodes']]) {
    const { status, stdout, stderr } = await guest.later(words);
    expect({ words, status }).toEqual({ words, status: 0 });
    expectHarmless(stdout, stderr);
  }
  answer = (frame) => (frame.t === 'ask' ? undefined : behaved(frame));
  const began = performance.now();
  const silent = await guest.later(['ls', '--all']);
  expect(performance.now() - began).toBeLessThan(9_000);
  expect(silent.status).toBe(0);
  expect(silent.stdout).toMatch(/api +unknown/);
  expectHarmless(silent.stderr);
});
