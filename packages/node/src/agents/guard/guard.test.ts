/** What an agent in a workspace writes, kept to the claims of others, whatever is killed in between (rules W2, W3, A5). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AgentEvents } from '@skein/protocol/agents/events';
import { SkeinError } from '@skein/protocol/errors';
import { sessionEvents } from '@skein/protocol/sessions/events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FakeStep } from '../../drivers/fake.fixture.ts';
import { SESSION, SUBJECTS, type Subject } from '../../drivers/subjects.fixture.ts';
import { AGENT, LOCAL, Log, Process, Runner } from '../drive.fixture.ts';
import { FakeGate, WRITER } from './gate.fixture.ts';
import { Guard } from './guard.ts';
import { type Way, wayOf } from './way.ts';

const write = (call: string, path: string): FakeStep => ({
  ...{ do: 'write', call, path, content: 'AAA', ask: true },
});
const TURNS: FakeStep[][] = [
  [write('free', '/w/free'), { do: 'say', text: 'One' }],
  [write('held', '/w/held'), { do: 'say', text: 'Two' }],
  [write('snatched', '/w/snatched'), { do: 'say', text: 'Three' }],
  [write('denied', '/w/denied'), { do: 'say', text: 'Four' }],
];

const WORKSPACE = { id: WRITER.workspace, name: 'app', root: '/w' };
const guardFor = (gate: FakeGate, way: Way, wake = () => {}) =>
  new Guard({ gate, writer: WRITER, workspace: WORKSPACE, way }, wake);
/** All that is ready to run has run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

interface Act {
  act: number;
  size: number;
}

/** Plays all of it; `acts` decide what happens next, and when the node dies. */
async function play(subject: Subject, acts: readonly Act[]) {
  const gate = new FakeGate();
  gate.held.add('/w/held');
  gate.snatched.add('/w/snatched');
  const log = new Log(subject.driver.name);
  const process = new Process(subject.fake({ session: SESSION, turns: TURNS }));
  const prompts = new Map<string, string>();
  for (let n = 0; n < TURNS.length; n++) {
    const prompt = `prompt${'abcdefgh'[n]}aaaaa`;
    prompts.set(prompt, `Do ${n}.`);
    log.submit('prompt.queue', { agent: AGENT, prompt, parts: [{ type: 'text', text: `Do ${n}.` }] }, LOCAL);
  }
  const way = wayOf(subject.driver.name, { writes: 'asks' });
  let guard = guardFor(gate, way);
  let runner = new Runner(subject, log, process, guard);
  const crash = () => {
    guard.stop();
    guard = guardFor(gate, way);
    runner = new Runner(subject, log, process, guard);
  };
  const answer = () => {
    const open = Object.values(log.state.approvals).find((one) => one.answered === null);
    if (open === undefined) return false;
    const how = open.paths.includes('/w/denied') ? 'deny' : 'allow';
    log.submit('approval.answer', { approval: open.approval, answer: how }, LOCAL);
    return true;
  };
  for (const { act, size } of acts) {
    if (act === 0) crash();
    else if (act === 1) {
      runner.step(prompts, false);
      crash();
    } else if (act === 2) answer();
    else if (act === 3) runner.write(size);
    else if (act === 4) runner.read(size);
    else if (act === 5) await settled();
    else runner.step(prompts, true);
  }
  let quiet = 0;
  while (quiet < 2) {
    const moved = [runner.step(prompts, true), runner.write(1e6), runner.read(1e6), answer()];
    await settled();
    quiet = moved.some(Boolean) ? 0 : quiet + 1;
  }
  guard.stop();
  return { log, gate, heard: process.heard };
}

/** Of each call: how it ended. */
const ends = ({ log }: Awaited<ReturnType<typeof play>>) =>
  Object.fromEntries(
    log.transcript.turns.flatMap(({ items }) =>
      items.flatMap((item) => (item.type === 'tool' ? [[item.id, item.state]] : [])),
    ),
  );

describe.each(SUBJECTS)('an agent of $driver.name in a workspace', (subject) => {
  test('[W2] what another holds is denied as it is asked, with words, and nobody else is bothered', async () => {
    const played = await play(subject, []);
    expect(ends(played)).toEqual({ free: 'done', held: 'denied', snatched: 'denied', denied: 'denied' });
    expect(played.log.agent.turns).toBe(TURNS.length);
    const [held, snatched] = played.log.state.refusals;
    expect(held).toMatchObject({ run: WRITER.run, call: 'held', why: 'held', paths: ['/w/held'] });
    expect(snatched).toMatchObject({ call: 'snatched', message: 'Held by bob: /w/snatched' });
    const rules = played.log.state.settled.map(({ answered }) => answered?.rule);
    expect(rules).toEqual([undefined, 'claim', undefined, undefined]);
    for (const refusal of played.log.state.refusals) sessionEvents['claim.refused'].parse(refusal);
  });

  test('[W2] no yes is passed on that the gate has not let through, and no other call asks it', async () => {
    const { gate } = await play(subject, []);
    expect(gate.told.filter((one) => one.startsWith('begin'))).toEqual([
      'begin free /w/free',
      'begin snatched /w/snatched: no',
    ]);
  });

  test('[W2] [A2] killed anywhere, the agent was told the same, once', async () => {
    const calm = await play(subject, []);
    const act = fc.record({ act: fc.nat(9), size: fc.integer({ min: 1, max: 300 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 120 }), async (acts) => {
        const { log, gate, heard } = await play(subject, acts);
        expect(heard).toBe(calm.heard);
        expect(log.transcript).toEqual(calm.log.transcript);
        expect(log.state.refusals).toEqual(calm.log.state.refusals);
        // The same again, perhaps, and nothing else.
        expect(new Set(gate.told)).toEqual(new Set(calm.gate.told));
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(SUBJECTS)('an answer for always to $driver.name', (subject) => {
  const { name } = subject.driver;

  test('[W2] leaves an agent asking that is guarded by its questions alone, and becomes a rule', async () => {
    const log = new Log(name);
    const process = new Process(subject.fake({ session: SESSION, turns: [[write('c', '/w/a')]] }));
    const prompt = 'promptaaaaaa';
    log.submit('prompt.queue', { agent: AGENT, prompt, parts: [{ type: 'text', text: 'Do.' }] }, LOCAL);
    const way = wayOf(name, { writes: 'asks' });
    const runner = new Runner(subject, log, process, guardFor(new FakeGate(), way));
    const run = async () => {
      const prompts = new Map([[prompt, 'Do.']]);
      for (let quiet = 0; quiet < 2; await settled())
        quiet = [runner.step(prompts, true), runner.write(1e6), runner.read(1e6)].some(Boolean)
          ? 0
          : quiet + 1;
    };
    await run();
    const [open] = Object.values(log.state.approvals);
    const always = open?.options.find(({ kind }) => kind === 'allow_always');
    if (open === undefined || always === undefined) throw new Error('It did not ask so.');
    log.submit('approval.answer', { approval: open.approval, answer: { option: always.id } }, LOCAL);
    await run();
    expect(log.agent.turns).toBe(1);
    const once = open.options.find(({ kind }) => kind === 'allow_once')?.id;
    // Hooks ask whatever was answered.
    if (way === 'hooks') return expect(log.state.rules).toEqual([]);
    expect(process.heard).toContain(`"${once}"`);
    expect(process.heard).not.toContain(`"${always.id}"`);
    expect(log.state.rules).toMatchObject([{ agent: AGENT, answer: 'allow', title: null }]);
  });
});

describe('a guard', () => {
  test('[W2] what a mode lets happen inside is what really lies there', () => {
    const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-guard-')));
    try {
      fs.symlinkSync('/etc', path.join(dir, 'out'));
      fs.mkdirSync(path.join(dir, 'in'));
      const writer = { ...WRITER, cwd: dir };
      const guard = new Guard({ gate: new FakeGate(), writer, workspace: WORKSPACE, way: 'asks' }, () => {});
      const inside = (...paths: string[]) => guard.lets({ lets: 'inside', paths });
      expect(inside('in/a', path.join(dir, 'new/b'))).toBe(true);
      for (const one of ['out/a', 'out/../a', '~/a', '/etc/a', '../a', '.'])
        expect(inside('in/a', one)).toBe(false);
      expect(inside()).toBe(false);
      expect(guard.lets({ lets: 'anywhere', paths: ['/etc/a'] })).toBe(true);
      expect(guard.lets({ paths: ['in/a'] })).toBe(false);
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });

  const asked = (kind: 'edit' | 'execute', paths: string[]) =>
    ({ call: 'c', kind, paths, run: 'r' }) as unknown as AgentEvents['approval.asked'];

  test('[W2] asks about what names files that change, and refuses what names more than can be told', () => {
    const gate = new FakeGate();
    gate.held.add('/w/a');
    const guard = guardFor(gate, 'asks');
    expect(guard.refuse(asked('edit', ['/w/b', '/w/a']))?.reason).toBe('Held by bob: /w/a');
    expect(guard.refuse(asked('edit', ['/w/b']))).toBeUndefined();
    expect(guard.refuse(asked('execute', ['/w/a']))).toBeUndefined();
    const many = Array.from({ length: 64 }, (_, n) => `/w/${n}`);
    expect(guard.refuse(asked('edit', many))?.told.body).toMatchObject({ why: 'unclear' });
  });

  test('[W2] files are read and written once, refused in words, and tried again when the log could not', async () => {
    const gate = new FakeGate();
    gate.held.add('/w/held');
    gate.texts.set('/w/a', 'One\n');
    let woken = 0;
    const guard = guardFor(gate, 'files', () => {
      woken += 1;
    });
    const read = { file: 'file 1', op: 'read', path: '/w/a', line: null, limit: null } as const;
    const ours = { file: 'file 2', op: 'write', path: '/w/b', text: 'Two\n' } as const;
    const theirs = { file: 'file 3', op: 'write', path: '/w/held', text: '' } as const;
    const wanted = [read, ours, theirs];
    gate.fails.push(new SkeinError('storage_unavailable', 'Full.'), new SkeinError('not_allowed', 'No.'));
    expect(guard.filed(wanted)).toEqual([]);
    await settled();
    expect(guard.filed(wanted.slice(1))).toMatchObject([
      { file: 'file 2', done: { error: { code: 'not_allowed' } } },
      {
        file: 'file 3',
        done: { error: { message: 'Held by bob: /w/held' } },
        told: [{ type: 'claim.refused' }],
      },
    ]);
    guard.filed([read]);
    await settled();
    expect(guard.filed([read])).toEqual([{ file: 'file 1', done: { text: 'One\n' }, told: [] }]);
    expect(gate.told).toEqual(['write file 3 /w/held']);
    expect(woken).toBe(3);
    guard.stop();
  });

  test('[W2] [W3] a call is over for the gate with its end or its turn, and what is read is told once', async () => {
    const gate = new FakeGate();
    const guard = guardFor(gate, 'asks');
    await guard.begin('one', ['/w/a']);
    await guard.begin('two', ['/w/b']);
    guard.recorded([{ type: 'tool.finished', body: { call: 'one' } }]);
    expect([...gate.open]).toEqual(['two']);
    guard.recorded([{ type: 'turn.ended', body: {} }]);
    expect([...gate.open]).toEqual([]);
    const call = { call: 'three', kind: 'read', paths: ['/w/a'] } as never;
    const news = { type: 'tool.announced', body: { call: 'three' } };
    guard.heard([news, { ...news, type: 'tool.updated' }], [call]);
    expect(gate.told.filter((one) => one.startsWith('read'))).toEqual(['read /w/a']);
  });
});
