/** Claims that an agent on another machine asks of home, whatever is late or lost between the two (rules W2, W6). */
import { pairsOf } from '@skein/protocol/keyed';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Units } from './units.fixture.ts';

const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';
const [SESSION, AGENT, RUN, BASE] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd'];
const [HOSTED, RIVAL] = ['eeeeeeeeeeee', 'ffffffffffff'];
const TREE = `workspace/${AGENT}`;
const FACTS = { far: { peer: PEER, node: 'box' }, workspaces: '/ws', root: '/ws/base' };

type Told = { type: string; body: { ask?: string; error?: object } };

/** Home's actors, and a worker as little as it can be: its log, and what its agent may write by what home has said. */
class Two {
  readonly home = new Units();
  readonly log: { type: string; body: object }[] = [];
  copied = 0;
  turn = 0;
  inTurn = false;
  n = 0;
  heard = 0;
  waiting: { ask: string; path: string } | undefined;
  readonly granted = new Set<string>();
  /** Let through by the worker's policy, and held by the rival when home learnt of it. */
  readonly overlaps = new Set<string>();

  constructor() {
    const { home } = this;
    const source = { kind: 'scratch' };
    home.give('node', 'workspace.create', { id: BASE, name: 'app', source }, undefined, FACTS);
    const ready = { git: null, folds: { case: false, unicode: false } };
    home.outcome('prepare-workspace', { value: ready });
    const agent = { agent: AGENT, run: RUN, definition: 'fake', on: PEER, workspace: BASE };
    home.give('node', 'session.open', { id: SESSION, cwd: '/', agent }, undefined, FACTS);
    const tree = { session: SESSION, agent: AGENT, name: 'fake', on: PEER, workspace: BASE };
    home.tell('node', 'tree.place', { ...tree, workspaces: '/ws' });
    home.outcome('prepare-workspace', { value: ready });
    home.outcome('place-far', { value: { session: HOSTED, term: 60_000, away: 'stop', claims: 'hold' } });
    const started = {
      ...{ agent: AGENT, run: RUN, host: 'h', pid: 1, start: 's', driver: 'acp', argv: ['x'], stuckAfter: 0 },
      restart: { when: 'never', most: 0, delay: 0 },
      workspace: { id: AGENT, name: 'app-fake', root: '/elsewhere' },
      strength: { files: 'enforced', shell: 'watched' },
    };
    this.tells('agent.started', started);
    this.tells('agent.ready', { run: RUN });
    this.copy(2);
    const rival = { run: RIVAL, session: 'gggggggggggg', agent: null, name: 'rival' };
    const strength = { files: 'guarded', shell: 'guarded' };
    home.tell(TREE, 'run.entered', { ...rival, strength, asked: false });
  }

  get far() {
    return this.home.session(SESSION).far[AGENT];
  }

  tells(type: string, body: object): void {
    this.log.push({ type, body });
  }

  /** Whether a run holds a path at home. */
  holds(run: string, path: string): boolean {
    return Array.from(pairsOf(this.home.workspace(AGENT).claims), ([, one]) => one).some(
      ({ holder, globs }) => holder.kind === 'run' && holder.run === run && globs.includes(path),
    );
  }

  copy(count: number): void {
    for (const event of this.log.slice(this.copied, this.copied + count)) {
      const { by, path } = event.body as { by?: string; path?: string };
      if (by === 'policy' && path !== undefined && this.holds(RIVAL, path)) this.overlaps.add(path);
      const body = { agent: AGENT, epoch: 7, from: this.copied, answers: [] };
      const events = [{ ...event, at: 1, by: { kind: 'node' } }];
      this.home.tell(`session/${SESSION}`, 'far.copy', { ...body, events });
      this.copied += 1;
    }
  }

  hear(): void {
    const told = this.far?.unheard.find(({ n }) => n === this.heard + 1) as Told | undefined;
    if (told === undefined) return;
    const { ask, error } = told.body;
    const open = this.waiting?.ask === ask ? this.waiting : undefined;
    if (open !== undefined) {
      this.tells('home.answered', { ask, by: 'home', ...(error === undefined ? {} : { error }) });
      if (error === undefined) this.granted.add(open.path);
      this.waiting = undefined;
    }
    this.heard += 1;
    const gone = { error: { code: 'gone', message: 'That is not asked any more.' } };
    this.tells('home.heard', { n: this.heard, ...(open === undefined ? gone : {}) });
  }

  wants(path: string): void {
    if (this.waiting !== undefined || this.granted.has(path)) return;
    if (!this.inTurn) this.tells('turn.started', { run: RUN, turn: `t${++this.turn}`, prompt: null });
    this.inTurn = true;
    this.waiting = { ask: `ask${++this.n}`, path };
    this.tells('home.asked', { ask: this.waiting.ask, kind: 'claim', body: { paths: [path] } });
  }

  giveUp(by: 'withdrawn' | 'policy'): void {
    if (this.waiting === undefined) return;
    this.tells('home.answered', { ...this.waiting, by });
    this.waiting = undefined;
  }

  end(): void {
    if (!this.inTurn || this.waiting !== undefined) return;
    this.inTurn = false;
    this.granted.clear();
    this.tells('turn.ended', { run: RUN, turn: `t${this.turn}`, reason: 'done' });
  }

  rival(path: string): boolean {
    try {
      this.home.tell(TREE, 'write.begin', { run: RIVAL, call: `c ${path}`, paths: [path] });
      return true;
    } catch {
      return false;
    }
  }
}

const PATHS = ['a', 'b', 'c/d'];
const ACT = fc.record({
  act: fc.constantFrom('want', 'copy', 'hear', 'give up', 'end', 'rival', 'rival ends'),
  path: fc.constantFrom(...PATHS),
  count: fc.integer({ min: 1, max: 4 }),
});

describe('[W6] claims asked of home', () => {
  test.each(['withdrawn', 'policy'] as const)(
    'never let two write one path under both, whatever is late (home away: %s)',
    (by) => {
      fc.assert(
        fc.property(fc.array(ACT, { maxLength: 80 }), (acts) => {
          const two = new Two();
          for (const { act, path, count } of acts) {
            if (act === 'want') two.wants(path);
            else if (act === 'copy') two.copy(count);
            else if (act === 'hear') two.hear();
            else if (act === 'give up') two.giveUp(by);
            else if (act === 'end') two.end();
            else if (act === 'rival') two.rival(path);
            else two.home.tell(TREE, 'turn.ended', { run: RIVAL });
            for (const granted of two.granted) {
              expect(two.holds(RUN, granted)).toBe(true);
              expect(two.holds(RIVAL, granted)).toBe(false);
            }
          }
          // Once everything has come, each question has one answer, and nothing is held that nobody writes.
          two.giveUp(by);
          two.end();
          for (let i = 0; i < 50; i++) {
            two.copy(10);
            two.hear();
          }
          expect(two.far?.asks).toEqual([]);
          expect(two.far?.unheard).toEqual([]);
          const asks =
            two.home.events.get(`session/${SESSION}`)?.filter(({ type }) => type === 'far.told') ?? [];
          const answered = asks.map(({ body }) => (body as Told).body.ask);
          expect(new Set(answered).size).toBe(answered.length);
          for (const path of PATHS) expect(two.holds(RUN, path)).toBe(false);
          const found = new Set(two.home.workspace(AGENT).conflicts.map((one) => one.path));
          expect(found).toEqual(two.overlaps);
        }),
        { numRuns: 150 },
      );
    },
  );

  test('are refused in words', () => {
    const two = new Two();
    expect(two.rival('a')).toBe(true);
    two.wants('a');
    two.copy(9);
    const [told] = two.far?.unheard ?? [];
    expect(told).toMatchObject({ type: 'home.answer', body: { error: { code: 'claimed' } } });
    expect((told as unknown as Told).body.error).toMatchObject({
      message: expect.stringContaining('"a" is held by rival'),
    });
  });

  test('end with the agent, whose worktree then goes unless it holds work', () => {
    const two = new Two();
    two.wants('a');
    two.copy(9);
    two.hear();
    expect(two.holds(RUN, 'a')).toBe(true);
    two.tells('agent.exited', { run: RUN, code: 0, signal: null, stderr: '' });
    two.copy(9);
    expect(two.holds(RUN, 'a')).toBe(false);
    two.home.tell(TREE, 'run.left', { run: RIVAL, again: false });
    expect(two.home.workspace(AGENT).life).toBe('ready');
    two.home.give('node', 'session.remove', { id: SESSION, purge: false });
    expect(two.home.workspace(AGENT).life).toBe('removing');
  });

  test('bind nothing by their number: before it is taken from it, its run is ended', () => {
    const { home } = new Two();
    expect(home.workspace(AGENT).runs[RUN]?.strength.files).toBe('guarded');
  });
});
