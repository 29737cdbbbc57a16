/** Any order of starts, ends and restarts of agents that start agents: the session against a model in the simplest words (rule N2). */
import { MAX_AGENTS } from '@skein/protocol/agents/limits';
import { isAlive } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { allows, ROLES, type Role } from '@skein/protocol/members/roles';
import { MAX_PROMPTS_A_MINUTE } from '@skein/protocol/tools/limits';
import { leftFor } from '@skein/protocol/tools/lineage';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { START_AGENT } from '../agents/effects-wanted.ts';
import { EFFECT_OUTCOME } from '../kernel/types.ts';
import { ID, LOCAL, World } from '../members/world.fixture.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
const idAt = (kind: string, n: number) =>
  `${kind}${LETTERS[n % 32]}${LETTERS[(n >> 5) % 32]}aaaaaaaaaaaa`.slice(0, 12);
const byAgent = (agent: string) => ({ kind: 'agent', session: ID, agent, name: 'x' });

/** What the rules say, in the simplest words. */
interface Modelled {
  above: number[];
  depth: number;
  spawn: number;
  role: Role;
  approve: boolean;
  /** It directs nobody. */
  none: boolean;
  alive: boolean;
}

const wish = fc.option(
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(false as const) },
    {
      weight: 6,
      arbitrary: fc.record(
        {
          depth: fc.nat(4),
          spawn: fc.nat(6),
          role: fc.constantFrom(...ROLES, 'operator' as const, 'owner' as const),
          approve: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    },
  ),
  { nil: undefined },
);
const op = fc.oneof(
  { weight: 1, arbitrary: fc.record({ is: fc.constant('add' as const), wish }) },
  { weight: 6, arbitrary: fc.record({ is: fc.constant('spawn' as const), by: fc.nat(40), wish }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('end' as const), agent: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('again' as const), agent: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('remove' as const), agent: fc.nat(40) }) },
);

function refusal(act: () => unknown): { code: string; which?: unknown } | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof SkeinError)) throw error;
    const { which } = (error.data ?? {}) as { which?: unknown };
    return { code: error.code, ...(which === undefined ? {} : { which }) };
  }
}

describe('limits', () => {
  test('[N2] however agents start agents, end and come back, no tree grows past what was given, and nobody gets more than who started it', () => {
    fc.assert(
      fc.property(fc.array(op, { minLength: 10, maxLength: 120 }), (acts) => {
        const world = new World();
        const all = new Map<number, Modelled>();
        let runs = 0;
        const aliveBelow = (n: number) =>
          [...all.values()].filter(({ alive, above }) => alive && above.includes(n)).length;
        const spec = (n: number, direct: unknown) => ({
          ...{ agent: idAt('g', n), run: idAt('r', runs++), definition: 'fake', name: `a${n}` },
          ...(direct === undefined ? {} : { direct }),
        });
        let n = 0;
        for (const act of acts) {
          if (act.is === 'add' || act.is === 'spawn') {
            const by = act.is === 'spawn' ? [...all.keys()][act.by % Math.max(1, all.size)] : undefined;
            if (act.is === 'spawn' && by === undefined) continue;
            const parent = by === undefined ? undefined : all.get(by);
            const chain = by === undefined || parent === undefined ? [] : [by, ...parent.above];
            const known = chain.flatMap((one) => all.get(one) ?? []);
            let expected: { code: string; which?: unknown } | undefined;
            if (parent !== undefined) {
              const over = chain.find((one) => {
                const of = all.get(one);
                return of !== undefined && !of.none && aliveBelow(one) >= of.spawn;
              });
              if (parent.none || !parent.alive) expected = { code: 'not_allowed' };
              else if (!allows(parent.role, 'operator')) expected = { code: 'not_allowed' };
              else if (parent.depth < 1) expected = { code: 'limit_reached', which: 'depth' };
              else if (over !== undefined) expected = { code: 'limit_reached', which: 'spawn' };
              else if (all.size >= MAX_AGENTS) expected = { code: 'limit_reached', which: 'agents' };
            } else if (all.size >= MAX_AGENTS) expected = { code: 'too_large' };
            const given = n++;
            const giver = by === undefined ? LOCAL : byAgent(idAt('g', by));
            expect(refusal(() => world.give(giver, 'agent.add', spec(given, act.wish)))).toEqual(expected);
            if (expected !== undefined) continue;
            const most = parent ?? { depth: 2, spawn: 8, role: 'operator' as const, approve: false };
            const asked = act.wish === false || act.wish === undefined ? {} : act.wish;
            const free = parent === undefined;
            const least = (a: number | undefined, b: number) =>
              a === undefined ? b : free ? a : Math.min(a, b);
            const role = asked.role ?? most.role;
            all.set(given, {
              above: chain,
              depth: least(asked.depth, free ? most.depth : most.depth - 1),
              spawn: least(asked.spawn, most.spawn),
              role: free || !allows(role, most.role) ? role : most.role,
              approve: (asked.approve ?? most.approve) && (free || most.approve),
              none: act.wish === false,
              alive: true,
            });
            expect(
              known.every((one) => one.none || aliveBelow(chain[known.indexOf(one)] ?? -1) <= one.spawn),
            ).toBe(true);
            continue;
          }
          const which = [...all.keys()][act.agent % Math.max(1, all.size)];
          const one = which === undefined ? undefined : all.get(which);
          if (which === undefined || one === undefined) continue;
          const agent = idAt('g', which);
          if (act.is === 'end' && one.alive) {
            const run = world.session.agents[agent]?.run?.run ?? '';
            const error = { code: 'agent_start_failed', message: 'no' };
            world.tell(EFFECT_OUTCOME, { id: run, kind: START_AGENT, status: 'failed', error });
            one.alive = false;
          } else if (act.is === 'again' && !one.alive) {
            // A person may always.
            world.give(LOCAL, 'agent.restart', { agent, run: idAt('r', runs++), fresh: false });
            one.alive = true;
          } else if (act.is === 'remove' && !one.alive) {
            world.give(LOCAL, 'agent.remove', { agent });
            all.delete(which);
          }
        }
        for (const [which, { above, depth, spawn, role, approve, none, alive }] of all) {
          const agent = world.session.agents[idAt('g', which)];
          expect(agent).toBeDefined();
          if (agent === undefined) return;
          expect(isAlive(agent)).toBe(alive);
          expect(agent.above ?? []).toEqual(above.map((of) => idAt('g', of)));
          expect(agent.direct ?? null).toEqual(none ? null : { depth, spawn, role, approve });
          const left = leftFor(world.session, agent);
          expect(left).toBeLessThanOrEqual(none ? 0 : spawn);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[N2] what agents may tell each other within a minute is bounded, and again after it', () => {
    const world = new World();
    const [one, other] = [idAt('g', 0), idAt('g', 1)];
    for (const [n, agent] of [one, other].entries())
      world.give(LOCAL, 'agent.add', { agent, run: idAt('r', n), definition: 'fake', name: `a${n}` });
    let prompts = 0;
    const tell = () =>
      refusal(() =>
        world.give(byAgent(one), 'prompt.queue', {
          ...{ agent: other, prompt: idAt('p', prompts++), parts: [{ type: 'text', text: 'x' }] },
        }),
      );
    for (let i = 0; i < MAX_PROMPTS_A_MINUTE; i++) expect(tell()).toBeUndefined();
    expect(tell()).toEqual({ code: 'limit_reached', which: 'prompts' });
    world.now += 60_000;
    expect(tell()).toBeUndefined();
    const told = { agent: one, which: 'prompts', limit: MAX_PROMPTS_A_MINUTE };
    const before = world.offset;
    for (let i = 0; i < 3; i++) world.tell('limit.tell', told);
    expect(world.offset).toBe(before + 1);
    world.now += 60_000;
    world.tell('limit.tell', told);
    expect(world.offset).toBe(before + 2);
  });
});

test('[N1] an agent starts none in a mode that is not its own', () => {
  const world = new World();
  const parent = idAt('agent', 0);
  const run = idAt('run', 0);
  world.give(LOCAL, 'agent.add', { agent: parent, run, definition: 'claude', mode: 'acceptEdits' });
  const started = { host: 'h', pid: 7, start: '1', driver: 'acp', argv: ['x'], stuckAfter: 0 };
  const restart = { when: 'never', most: 0, delay: 0 };
  const value = { ...started, restart, mode: 'acceptEdits' };
  world.tell(EFFECT_OUTCOME, { id: run, kind: START_AGENT, status: 'done', value });
  const modes = { current: 'acceptEdits', list: [{ id: 'acceptEdits', name: 'Edits' }] };
  world.tell('agent.stepped', { run, events: [{ type: 'agent.offers', body: { run, modes } }], cells: [] });
  let n = 1;
  const spawn = (more: object) => {
    const spec = { agent: idAt('agent', n), run: idAt('run', n++), definition: 'claude', ...more };
    return refusal(() => world.give(byAgent(parent), 'agent.add', spec))?.code;
  };
  expect(spawn({ mode: 'bypassPermissions' })).toBe('not_allowed');
  expect(spawn({ definition: 'codex', mode: 'acceptEdits' })).toBe('not_allowed');
  expect(spawn({ mode: 'acceptEdits' })).toBeUndefined();
  expect(spawn({})).toBeUndefined();
});
