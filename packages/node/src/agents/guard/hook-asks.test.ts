/** The hooks of an agent in a workspace, as real processes, and what answers them (rules W2, W3). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ASK_EVENT, askFirst, READ_EVENT } from '../../hooks/ask-first.ts';
import { makeSpool, reportsIn } from '../../hooks/places.ts';
import type { NewEvent } from '../../kernel/types.ts';
import { FakeGate, WRITER } from './gate.fixture.ts';
import { Guard } from './guard.ts';
import { HookAsks } from './hook-asks.ts';

const MAIN = path.join(import.meta.dirname, '../../hooks/main.ts');
const WORKSPACE = { id: WRITER.workspace, name: 'app', root: '/w' };

let dir: string;
let gate: FakeGate;
let told: NewEvent[];
const stops: (() => void)[] = [];
beforeEach(() => {
  dir = makeSpool(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-hooks-')));
  gate = new FakeGate();
  told = [];
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A node's side of it, until it is killed. */
function listen(): HookAsks {
  const guard = new Guard({ gate, writer: WRITER, workspace: WORKSPACE, way: 'hooks' }, () => {});
  const asks = new HookAsks(dir, guard, async (event) => {
    told.push(event);
  });
  asks.start();
  stops.push(() => asks.stop());
  return asks;
}

const call = (tool: string, file: string, id = 'toolu_1', cwd = '/w') =>
  JSON.stringify({ tool_name: tool, tool_input: { file_path: file }, tool_use_id: id, cwd });

/** What an agent sees of a hook of its. */
async function hook(event: string, input: string, where = dir) {
  const child = spawn(process.execPath, [MAIN, where, event, path.join(dir, 'no-socket')]);
  stops.push(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  return { status, out, err };
}
const asked = async () => {
  while (fs.readdirSync(reportsIn(dir)).every((name) => name.startsWith('.')))
    await new Promise((resolve) => setTimeout(resolve, 10));
};
const sayNo = (words: string) => ({
  hookSpecificOutput: {
    ...{ hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: words },
  },
});

test('[W2] a write that is let through goes its own way: the hook says nothing, and never yes', async () => {
  listen();
  expect(await hook(ASK_EVENT, call('Edit', 'a.txt'))).toEqual({ status: 0, out: '', err: '' });
  expect(gate.told).toEqual(['begin toolu_1 a.txt']);
  expect(fs.readdirSync(reportsIn(dir))).toEqual([]);
});

test('[W2] a write to what another holds is denied in the words of the gate, and told', async () => {
  gate.held.add('/w/a.txt');
  listen();
  const { status, out } = await hook(ASK_EVENT, call('Write', '/w/a.txt'));
  expect({ status, out: JSON.parse(out) }).toEqual({ status: 0, out: sayNo('Held by bob: /w/a.txt') });
  expect(told).toMatchObject([{ type: 'claim.refused', body: { call: 'toolu_1', paths: ['/w/a.txt'] } }]);
});

test('[W2] a question that was asked while the node was away is answered when it is back', async () => {
  const answer = hook(ASK_EVENT, call('Edit', 'a.txt'));
  await asked();
  listen();
  expect(await answer).toEqual({ status: 0, out: '', err: '' });
  expect(gate.told).toEqual(['begin toolu_1 a.txt']);
});

test('[W2] what cannot be told now is asked again; what never can is denied', async () => {
  gate.fails.push(new SkeinError('storage_unavailable', 'Full.'));
  listen();
  expect(await hook(ASK_EVENT, call('Edit', 'a.txt'))).toMatchObject({ status: 0, out: '' });
  gate.fails.push(new SkeinError('not_found', 'There is no such workspace.'));
  const { out } = await hook(ASK_EVENT, call('Edit', 'b.txt'));
  expect(JSON.parse(out)).toEqual(sayNo('There is no such workspace.'));
});

test('[W2] nobody there, or nobody who answers, is a no', async () => {
  const times = { away: 50, answer: 60_000, patience: 0 };
  const away = await askFirst(dir, path.join(dir, 'no-socket'), call('Edit', 'a.txt'), times);
  expect(away).toContain('"permissionDecision":"deny"');
  expect(away).toContain('skein up');
  const server = createServer((connection) => connection.end());
  server.listen(path.join(dir, 'socket'));
  await once(server, 'listening');
  stops.push(() => server.close());
  const slow = await askFirst(dir, path.join(dir, 'socket'), call('Edit', 'a.txt'), {
    ...{ away: 60_000, answer: 50, patience: 0 },
  });
  expect(slow).toContain('did not answer');
});

test('[W2] a hook that cannot even ask keeps its tool from running', async () => {
  const { status, err } = await hook(ASK_EVENT, call('Edit', 'a.txt'), path.join(dir, 'gone'));
  expect(status).toBe(2);
  expect(err).toContain('cannot tell');
});

test('[W2] a question that its agent has given up ends the call, and what is no report is passed over', async () => {
  listen();
  await hook(ASK_EVENT, call('Edit', 'a.txt'));
  const [name] = ['00000000000000000-1-0'];
  fs.writeFileSync(path.join(reportsIn(dir), name as string), 'not JSON');
  const times = { away: 0, answer: 60_000, patience: 0 };
  for (const stop of stops.splice(0)) stop();
  await askFirst(dir, path.join(dir, 'no-socket'), call('Edit', 'b.txt', 'toolu_2'), times);
  listen();
  while (fs.readdirSync(reportsIn(dir)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(gate.told).toEqual(['begin toolu_1 a.txt', 'begin toolu_2 b.txt', 'end toolu_2']);
});

test('[W3] what is about to be read is told, and nobody is waited for', async () => {
  expect(await hook(READ_EVENT, call('Read', 'a.txt'))).toEqual({ status: 0, out: '', err: '' });
  listen();
  expect(gate.told).toEqual(['read a.txt']);
  expect(await hook(READ_EVENT, call('Read', 'a.txt'), path.join(dir, 'gone'))).toMatchObject({
    ...{ status: 0, out: '' },
  });
});

test.each(['link/../a.txt', '~/a.txt', '/w/link/../a.txt', 'file:///w/a.txt'])(
  '[W2] the gate is told a path as it was said, and where: %s',
  async (said) => {
    listen();
    await hook(ASK_EVENT, call('Edit', said, 'toolu_1', '/w/sub'));
    await hook(READ_EVENT, call('Read', said, 'toolu_2', '/w/sub'));
    await expect
      .poll(() => gate.told)
      .toEqual([`begin toolu_1 ${said} from /w/sub`, `read ${said} from /w/sub`]);
  },
);
