/** The screen of `skein top` at every size, and what of it a narrow one keeps (rules U3, U4). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOf } from '../chat/model/style.ts';
import { columns } from '../chat/model/width.ts';
import { InkScreen } from '../chat/view/ink-screen.tsx';
import { TopApp } from './app.tsx';
import { columnsFor } from './columns.ts';
import { frameOf } from './frame.ts';
import { onKey, type TopDoing } from './keys.ts';
import { agent, manyLoads, node, session, terminal } from './loads.fixture.ts';
import { rowsOf } from './rows.ts';
import { TopState } from './state.ts';

const NOTHING: TopDoing = { quit() {}, open() {}, stop() {}, redraw() {} };

function stateAt(cols: number, rows = 24): TopState {
  const state = new TopState();
  state.size = { cols, rows };
  state.told(manyLoads());
  return state;
}

const press = (state: TopState, text: string) => onKey(state, { type: 'text', text }, NOTHING);
const key = (name: string) => ({ type: 'key' as const, name, ctrl: false, alt: false, shift: false });
const shown = (state: TopState) => frameOf(state, 0).lines.map((line) => textOf(line).trimEnd());

describe('the screen', () => {
  test.each([60, 80, 120, 200])('[U4] %d columns', (cols) => {
    expect(`\n${shown(stateAt(cols)).join('\n')}\n`).toMatchSnapshot();
  });

  test('[U4] help, filter and question', () => {
    const state = stateAt(80, 30);
    press(state, '?');
    expect(`\n${shown(state).join('\n')}\n`).toMatchSnapshot();
    press(state, 'q');
    press(state, '/');
    press(state, 'gpu codex');
    expect(shown(state).at(-1)).toBe('/gpu codex');
    onKey(state, key('enter'), NOTHING);
    expect(state.rows.map(({ ref }) => ref)).toEqual(['api/codex']);
    press(state, 'x');
    expect(shown(state).at(-1)).toContain('Stop the agent api/codex?');
  });

  test('[U4] as many rows as the terminal has, none wider than it, at any size and with any names', () => {
    const names = fc.stringMatching(/^[a-z日本語é][a-z日本語é._-]{0,40}$/u);
    const doings = fc.constantFrom('idle', 'working', 'waiting', 'failed');
    const agents = fc.array(fc.record({ name: names, doing: doings }), { maxLength: 30 });
    const sizes = fc.record({
      cols: fc.integer({ min: 2, max: 210 }),
      rows: fc.integer({ min: 1, max: 40 }),
    });
    const keys = fc.array(fc.constantFrom('c', 'm', '$', 'n', 'j', 'G', '?', '/', 'x'), { maxLength: 4 });
    const ink = new InkScreen(TopApp, true);
    fc.assert(
      fc.property(agents, sizes, keys, (some, size, typed) => {
        const state = new TopState();
        state.size = size;
        const here = node(
          'here',
          some.map(({ name, doing }) => session(name, [agent(name, { doing })])),
        );
        state.told({ here, away: manyLoads().away });
        for (const text of typed) press(state, text);
        const view = frameOf(state, 0);
        const lines = ink.lines(view);
        expect(view.lines).toHaveLength(size.rows);
        expect(lines.length).toBeLessThanOrEqual(size.rows);
        for (const line of lines)
          expect(columns(line.replace(/\x1b\[[\d;]*m/g, ''))).toBeLessThanOrEqual(size.cols);
        if (view.cursor !== undefined) expect(view.cursor.x).toBeLessThan(size.cols);
      }),
      { numRuns: 150 },
    );
    ink.stop();
  });

  test('[U4] the wider, the more columns; what has gone at a width is gone at every narrower one', () => {
    const rows = rowsOf(manyLoads());
    let before = new Set<string>();
    for (let width = 10; width <= 220; width++) {
      // Two blanks in place of one cost a column, once.
      if (width === 100) before = new Set();
      const now = columnsFor(rows, width).map(({ name }) => name);
      for (const name of before) expect(now).toContain(name);
      before = new Set(now);
    }
    expect(before.size).toBe(11);
  });

  test('[U3] a node that tells names with sequences moves no cursor', () => {
    const state = new TopState();
    const bad = node('a\x1b[2Jb\nc', [session('x', [agent('y', { model: 'm\x1b]0;t\x07', doing: 'idle' })])]);
    state.told({ here: bad, away: [] });
    expect(shown(state).join('')).not.toMatch(/[\x00-\x1f]/);
  });

  test('[U3] nor does an agent that tells its costs in a currency of sequences', () => {
    const state = new TopState();
    const cost = { '\x1b]52;c;cm0=\x07': 1, '\u202e\x9b2J\n': 2 };
    state.told({ here: node('here', [session('x', [agent('y', { cost })])]), away: [] });
    for (const cols of [80, 300]) {
      state.size = { cols, rows: 20 };
      expect(shown(state).join('')).toContain('1.00');
      expect(shown(state).join('')).not.toMatch(/[\x00-\x1f\x80-\x9f\u202e]/);
    }
  });

  test('[U3] a machine is called as its user calls it, not as it calls itself', () => {
    const here = node('laptop', [session('a', [agent('one')])]);
    const load = node('laptop', [session('b', [agent('two')], { attached: [{ name: null, count: 1 }] })]);
    const away = [{ peer: load.peer, node: 'gpu-box', reachable: true, age: 0, load }];
    const [, row] = rowsOf({ here, away });
    expect(row).toMatchObject({ ref: 'gpu-box:b/two', machine: 'gpu-box', who: ['gpu-box'] });
  });
});

describe('what is told', () => {
  test('[U3] an agent on another machine has what that tells of it, and is there once', () => {
    const rows = rowsOf(manyLoads());
    const codex = rows.filter(({ ref }) => ref.endsWith('/codex'));
    expect(codex).toMatchObject([
      { ref: 'api/codex', machine: 'gpu-box', cpu: 3.2, state: 'working', node: undefined },
    ]);
    expect(rows.find(({ ref }) => ref === 'api/far')).toMatchObject({ state: 'away', cpu: null });
  });

  test('[U3] a machine that does not answer is shown as it was, with why', () => {
    const text = shown(stateAt(120)).join('\n');
    expect(text).toContain('attic   away, seen 1m ago attic cannot be reached now');
    expect(rowsOf(manyLoads()).find(({ ref }) => ref === 'attic:sync/gemini')?.old).toBe(true);
  });

  test('[U3] an agent with an interface of its own is one row, not two', () => {
    expect(rowsOf(manyLoads()).filter(({ session: one }) => one === 'pty')).toHaveLength(1);
  });

  test('[U3] who looks on with several devices is one', () => {
    const by = (...names: (string | null)[]) => names.map((name) => ({ name, count: 1 }));
    const one = session('api', [], {
      terminal: terminal('bash', null),
      attached: by('bob', 'eve', 'bob', null),
    });
    expect(rowsOf({ here: node('laptop', [one]), away: [] })[0]?.who).toEqual(['bob', 'eve', 'you']);
  });
});

describe('keys', () => {
  test('[U4] sort by each, and the same key again turns it round', () => {
    const state = stateAt(120);
    expect(state.rows[0]?.state).toBe('waiting');
    press(state, 'c');
    expect(state.rows[0]?.ref).toBe('gpu-box:train');
    press(state, 'm');
    expect(state.rows[0]?.ref).toBe('gpu-box:train');
    press(state, '$');
    expect(state.rows[0]?.ref).toBe('api/claude');
    press(state, 'n');
    const names = state.rows.map(({ ref }) => ref);
    press(state, 'n');
    expect(state.rows.map(({ ref }) => ref)).toEqual(names.toReversed());
  });

  test('[U4] the chosen row stays chosen wherever it goes, and leaves its place when it is gone', () => {
    const state = stateAt(80);
    press(state, 'jj');
    const chosen = state.selected?.key;
    press(state, 'n');
    expect(state.selected?.key).toBe(chosen);
    const at = state.at;
    const { here } = manyLoads();
    const without = here.sessions.filter(({ id }) => id !== state.selected?.sessionId);
    state.told({ here: { ...here, sessions: without }, away: [] });
    expect(state.at).toBe(Math.min(at, state.rows.length - 1));
  });

  test('[U4] nothing is stopped without a yes, nor by who may only look on', () => {
    const stopped: string[] = [];
    const doing = { ...NOTHING, stop: ({ ref }: { ref: string }) => void stopped.push(ref) };
    const state = stateAt(80);
    for (const text of ['x', 'n', 'x', 'q']) onKey(state, { type: 'text', text }, doing);
    expect(stopped).toEqual([]);
    const ref = state.selected?.ref;
    for (const text of ['x', 'y']) onKey(state, { type: 'text', text }, doing);
    expect(stopped).toEqual([ref]);
    const { here } = manyLoads();
    state.told({
      here: { ...here, sessions: here.sessions.map((one) => ({ ...one, role: 'viewer' as const })) },
      away: [],
    });
    for (const text of ['x', 'y']) onKey(state, { type: 'text', text }, doing);
    expect(stopped).toEqual([ref]);
  });
});
