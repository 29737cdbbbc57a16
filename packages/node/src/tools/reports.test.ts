/** Reports (rules N1, N2): they drive whoever has started their agent no further than its limit, and are at hand all the same. */
import { MAX_PROMPTS_A_MINUTE } from '@skein/protocol/tools/limits';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ID, LOCAL, World } from '../members/world.fixture.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const idAt = (kind: string, n: number) =>
  `${kind}${LETTERS[n % 32]}${LETTERS[(n >> 5) % 32]}${LETTERS[(n >> 10) % 32]}aaaaaaaaaaaa`.slice(0, 12);
const byAgent = (agent: string) => ({ kind: 'agent', session: ID, agent, name: 'x' });

/** A parent, and children that it has started. */
class Family extends World {
  readonly parent = idAt('g', 0);
  readonly children: string[] = [];
  /** When each prompt was given to the parent. */
  readonly prompted: number[] = [];
  #ids = 0;

  constructor(children: number) {
    super();
    const spec = (n: number) => ({
      agent: idAt('g', n),
      run: idAt('r', n),
      definition: 'fake',
      name: `a${n}`,
    });
    this.give(LOCAL, 'agent.add', spec(0));
    for (let n = 1; n <= children; n++) {
      this.give(byAgent(this.parent), 'agent.add', spec(n));
      this.children.push(idAt('g', n));
    }
  }

  report(child: string): { to: string | null; told: boolean; limit?: number } {
    const body = { prompt: idAt('p', this.#ids++), ok: true, text: 'done' };
    return this.#noting(() => this.give(byAgent(child), 'agent.report', body)) as never;
  }

  /** The parent takes up its next prompt; false when it has none. */
  begin(): boolean {
    const [next] = this.mine.queue;
    const turn = idAt('t', this.#ids++);
    if (next !== undefined) this.#step('turn.started', { turn, prompt: next.prompt });
    return next !== undefined;
  }

  end(): void {
    const { turn } = this.mine.turn ?? {};
    if (turn !== undefined) this.#noting(() => this.#step('turn.ended', { turn, reason: 'done' }));
  }

  #noting<T>(act: () => T): T {
    const before = this.mine.queue.length;
    const done = act();
    for (let n = before; n < this.mine.queue.length; n++) this.prompted.push(this.now);
    return done;
  }

  get mine() {
    const parent = this.session.agents[this.parent];
    if (parent === undefined) throw new Error('the parent is gone');
    return parent;
  }

  #step(type: string, body: object): void {
    const run = idAt('r', 0);
    this.tell('agent.stepped', { run, events: [{ type, body: { run, ...body } }], cells: [] });
  }
}

test('[N2] reports to one that is at nothing are prompts, so many within a minute; the rest waits to be asked for', () => {
  const family = new Family(1);
  const [child = ''] = family.children;
  const told = () => {
    const reply = family.report(child);
    // It is never at anything: each is done at once.
    if (family.begin()) family.end();
    return reply;
  };
  for (let i = 0; i < MAX_PROMPTS_A_MINUTE; i++) expect(told()).toEqual({ to: 'a0', told: true });
  for (let i = 0; i < 3; i++) expect(told()).toEqual({ to: 'a0', told: false, limit: MAX_PROMPTS_A_MINUTE });
  expect(family.mine).toMatchObject({ turns: MAX_PROMPTS_A_MINUTE, unread: [child] });
  expect(family.session.agents[child]?.limited).toEqual({ prompts: family.now });
  family.now += 60_000;
  expect(told()).toEqual({ to: 'a0', told: true });
});

test('[N2] the limit is told once a minute, in the transaction that holds it', () => {
  const family = new Family(1);
  const [child = ''] = family.children;
  const limited = () => family.session.agents[child]?.limited?.prompts;
  for (let i = 0; i < MAX_PROMPTS_A_MINUTE; i++) {
    family.report(child);
    family.begin();
    family.end();
  }
  expect(limited()).toBeUndefined();
  const before = family.offset;
  family.report(child);
  expect(family.offset).toBe(before + 2);
  expect(limited()).toBe(1_000);
  family.now += 1;
  family.report(child);
  expect(family.offset).toBe(before + 3);
  expect(limited()).toBe(1_000);
});

test('[N2] whatever children do, and whenever, each drives its parent so often within a minute; the last report of each is known', () => {
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ is: fc.constant('report' as const), child: fc.nat(2) }) },
    { weight: 8, arbitrary: fc.record({ is: fc.constant('drive' as const), child: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.constant({ is: 'begin' as const }) },
    { weight: 2, arbitrary: fc.constant({ is: 'end' as const }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('later' as const), ms: fc.nat(4_000) }) },
  );
  const acts = fc.array(act, { minLength: 100, maxLength: 300 });
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 3 }), (all, n) => {
      const family = new Family(n);
      const child = (one: number) => family.children[one % n] ?? '';
      const begin = () => family.mine.turn === null && family.begin();
      for (const one of all) {
        if (one.is === 'report') family.report(child(one.child));
        else if (one.is === 'end') family.end();
        else if (one.is === 'begin') begin();
        else if (one.is === 'later') family.now += one.ms;
        else {
          // At whatever it is, it is told at once or when that has ended.
          family.report(child(one.child));
          begin();
          family.report(child(one.child));
          family.end();
        }
        const within = family.prompted.filter((at) => family.now - at < 60_000).length;
        // Minutes follow each other: about the border of two there may be twice as many.
        expect(within).toBeLessThanOrEqual(2 * n * MAX_PROMPTS_A_MINUTE);
      }
      // What was left is told at the end of a turn after that minute.
      family.now += 60_000;
      for (const one of family.children) family.report(one);
      while (family.mine.turn !== null || family.begin()) family.end();
      expect(family.mine.unread ?? []).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
