/** The gate before writes in a tree that another machine has handed over, by what that one answers or does not (rule W6). */
import fs from 'node:fs';
import path from 'node:path';
import { newId } from '@skein/protocol/ids';
import type { ClaimsAway } from '@skein/protocol/machines/policies';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { afterEach, expect, test } from 'vitest';
import { stateUntil } from '../../actors/until.ts';
import { START_AGENT } from '../../agents/effects-wanted.ts';
import type { Writer } from '../gate.ts';
import { HomeGate } from './home-gate.ts';
import { Site } from './write-gate.fixture.ts';

const HOME = '12D3KooWMsHM2VfiYBUNeUSfzvY4nu3396KYpXZK7hQpG2FCbCDo';
const HEAD = 'ab'.repeat(20);

let site: Site | undefined;
afterEach(async () => {
  await site?.remove();
  site = undefined;
});

/** A worker's node with a hosted agent in a tree of home's, under a grant that says what becomes of writes while home is away. */
async function worker(claims: ClaimsAway, times: { away: number; hold: number }) {
  const made = await Site.make();
  site = made;
  const { kernel } = made;
  kernel.registerEffect({ kind: START_AGENT, idempotent: true, run: () => new Promise(() => {}) });
  const [session, agent, run] = [newId(), newId(), newId()];
  const root = path.join(made.dir, 'tree');
  fs.mkdirSync(root);
  const tell = async (target: string, type: string, body: object) => {
    const reply = await kernel.submit(NODE_ITSELF, { target, type, body });
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  };
  const source = { kind: 'handed', home: HOME, node: 'laptop', workspace: newId(), head: HEAD, branch: 'x' };
  const begin = { id: agent, name: 'app-fake', root, source, strict: false, keep: 'always' };
  const target = `workspace/${agent}`;
  await tell(target, 'workspace.begin', { ...begin, agent: { session, agent } });
  await made.until(({ life }) => life === 'ready', agent);
  const wanted = { agent, run, definition: 'fake', called: 'fake', taker: newId() };
  const hosted = {
    ...{ home: HOME, node: 'laptop', session: newId(), name: 'api', agent, grant: newId() },
    ...{ term: 60_000, away: 'stop', claims, workspace: agent },
  };
  const host = { id: session, name: 'laptop-api', cwd: root, wanted, hosted };
  await tell(`session/${session}`, 'session.host', host);
  const strength = { files: 'enforced', shell: 'watched' };
  await tell(target, 'run.entered', { run, session, agent, name: 'x', strength, asked: false });
  const writer: Writer = { workspace: agent, session, agent, run, cwd: root, tellsReads: true };
  const gate = new HomeGate(kernel, made.gate, times);
  const state = async () => (await kernel.state<SessionState>(`session/${session}`)).state;
  /** The session once something is asked of home. */
  const asked = () =>
    stateUntil<SessionState>(
      kernel,
      `session/${session}`,
      ({ hosted }) => (hosted?.asks.length ?? 0) > 0,
      AbortSignal.timeout(10_000),
    );
  let n = 0;
  /** What home says to the next question. */
  const answers = async (error?: { code: string; message: string }) => {
    const now = await asked();
    const [open] = now.hosted?.asks ?? [];
    const [member] = Object.values(now.members);
    const by = { kind: 'member', member: member?.id, name: 'laptop', device: HOME };
    n += 1;
    const body = { epoch: 1, n, type: 'home.answer', body: { ask: open?.ask, ...(error && { error }) } };
    const command = { id: { client: 'home', seq: n }, target: `session/${session}`, type: 'home.tell', body };
    const reply = await kernel.execute(by, command);
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
    return open?.body;
  };
  const written = (name: string) => fs.existsSync(path.join(root, name));
  return { gate, writer, state, asked, answers, written, tell };
}

test('[W6] what home lets pass is asked once in a turn, what it refuses is not written, in its words', async () => {
  const { gate, writer, answers, written } = await worker('hold', { away: 5_000, hold: 10_000 });
  const first = gate.writeText(writer, 'one', 'src/a', 'x');
  expect(await answers()).toEqual({ paths: ['src/a'] });
  expect(await first).toMatchObject({ ok: true });
  expect(await gate.begin(writer, 'two', ['src/a'])).toMatchObject({ ok: true });
  gate.end(writer, 'two');
  const other = gate.writeText(writer, 'three', 'b', 'x');
  await answers({
    code: 'claimed',
    message: '"b" is held by ada. Wait for it with --wait, or choose other paths.',
  });
  expect(await other).toMatchObject({
    ok: false,
    refused: { why: 'held', message: 'Not written: "b" is held by ada. Work on something else meanwhile.' },
  });
  expect(written('b')).toBe(false);
  gate.turnEnded(writer);
  const again = gate.begin(writer, 'four', ['src/a']);
  expect(await answers()).toEqual({ paths: ['src/a'] });
  expect(await again).toMatchObject({ ok: true });
});

test('[W6] what home lets pass only after the turn has ended is asked again in the next', async () => {
  const { gate, writer, answers, asked } = await worker('hold', { away: 5_000, hold: 10_000 });
  const late = gate.begin(writer, 'one', ['src/a']);
  await asked();
  gate.turnEnded(writer);
  await answers();
  await late;
  const next = gate.begin(writer, 'two', ['src/a']);
  expect(await answers()).toEqual({ paths: ['src/a'] });
  expect(await next).toMatchObject({ ok: true });
});

test('[W6] while home is away a write waits, and is refused in words when that has lasted (hold)', async () => {
  const { gate, writer, answers, state } = await worker('hold', { away: 10, hold: 300 });
  const late = gate.writeText(writer, 'one', 'a', 'x');
  expect(await late).toMatchObject({
    ok: false,
    refused: { message: expect.stringMatching(/laptop .*cannot be reached/) },
  });
  expect((await state()).hosted?.asks).toEqual([]);
  const soon = gate.writeText(writer, 'two', 'a', 'x');
  await answers();
  expect(await soon).toMatchObject({ ok: true });
});

test('[W6] … or is let through by what is claimed here alone, and home is told so (local)', async () => {
  const { gate, writer, state, written } = await worker('local', { away: 50, hold: 60_000 });
  expect(await gate.writeText(writer, 'one', 'a', 'x')).toMatchObject({ ok: true });
  expect(written('a')).toBe(true);
  expect((await state()).hosted?.asks).toEqual([]);
  // Nothing that home has not said is known from it.
  const again = gate.writeText(writer, 'two', 'a', 'y');
  expect((await again).ok).toBe(true);
});

test('[W6] … or is refused, and its agent stopped (stop)', async () => {
  const { gate, writer, state, written } = await worker('stop', { away: 50, hold: 60_000 });
  expect(await gate.writeText(writer, 'one', 'a', 'x')).toMatchObject({ ok: false });
  expect(written('a')).toBe(false);
  expect((await state()).agents[writer.agent ?? '']?.stopping).toBe(true);
});

test('[W6] what was let through under a lease is asked again when that has ended', async () => {
  const { gate, writer, answers, tell } = await worker('hold', { away: 50, hold: 200 });
  const first = gate.begin(writer, 'one', ['a']);
  await answers();
  expect(await first).toMatchObject({ ok: true });
  await tell(`session/${writer.session}`, 'lease.end', { why: 'silent' });
  expect(await gate.begin(writer, 'two', ['a'])).toMatchObject({ ok: false });
});
