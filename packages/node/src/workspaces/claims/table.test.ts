/** The table of claims against a simple one, through anything that runs and people may do (rules W1, W2, L5). */
import { pairsOf } from '@skein/protocol/keyed';
import type { Strength } from '@skein/protocol/workspaces/holder';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pack, unpack } from '../../kernel/codec.ts';
import { workspaceActor } from '../workspace-actor.ts';
import { Scene } from './scene.fixture.ts';
import { Model, overlap } from './table-model.fixture.ts';

type Real = Scene;
type Step = fc.Command<Model, Real>;

const RUNS = ['a', 'b', 'c'];
const ME = 'me';
const STRENGTHS: Strength[] = [
  { files: 'guarded', shell: 'watched' },
  { files: 'enforced', shell: 'watched' },
  { files: 'watched', shell: 'watched' },
  // In a sandbox.
  { files: 'enforced', shell: 'enforced' },
];

/** One thing that happens, to both; what comes of it must be the same. */
class Happens implements Step {
  readonly #said: string;
  readonly #act: (model: Model, real: Real) => void;

  constructor(said: string, act: (model: Model, real: Real) => void) {
    this.#said = said;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    this.#act(model, real);
    // Claims that came by writing have ids of their own.
    for (const claim of model.claims) claim.id = byFence(real.state).get(claim.fence)?.claim ?? claim.id;
    expect(tableOf(real.state)).toEqual(tableOfModel(model));
    checkRules(real.state, model);
  }

  toString(): string {
    return this.#said;
  }
}

/** The code that an act was refused with. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const byFence = ({ claims }: WorkspaceState) =>
  new Map([...pairsOf(claims)].map(([, claim]) => [claim.fence, claim]));
const nameOf = (holder: { kind: string; name: string }) => (holder.kind === 'run' ? holder.name : ME);

function tableOf(state: WorkspaceState): object {
  const claims = [...pairsOf(state.claims)].map(([, one]) => one).sort((a, b) => a.fence - b.fence);
  return {
    fence: state.fence,
    claims: claims.map(({ globs, holder, fence, implicit, n }) => ({
      globs,
      holder: nameOf(holder),
      fence,
      implicit,
      n,
    })),
    waiters: state.waiters.map(({ claim, holder, globs }) => ({ id: claim, holder: nameOf(holder), globs })),
    calls: Object.values(state.runs)
      .flatMap(({ name, calls }) => Object.entries(calls).map(([call, { paths }]) => [name, call, ...paths]))
      .map(String)
      .sort(),
  };
}

function tableOfModel(model: Model): object {
  return {
    fence: model.fence,
    claims: model.claims.map(({ globs, holder, fence, implicit, n }) => ({
      globs,
      holder,
      fence,
      implicit,
      n,
    })),
    waiters: model.waiters.map(({ id, holder, globs }) => ({ id, holder, globs })),
    calls: [...model.runs]
      .flatMap(([name, { calls }]) => [...calls].map(([call, { paths }]) => [name, call, ...paths]))
      .map(String)
      .sort(),
  };
}

/** What must hold of every table, however it came about. */
function checkRules(state: WorkspaceState, model: Model): void {
  const claims = [...pairsOf(state.claims)].map(([, one]) => one);
  for (const [n, one] of claims.entries()) {
    for (const other of claims.slice(n + 1)) {
      expect(one.fence).not.toBe(other.fence);
      if (nameOf(one.holder) !== nameOf(other.holder)) expect(overlap(one.globs, other.globs)).toBe(false);
    }
    for (const run of Object.values(state.runs))
      if (run.name !== nameOf(one.holder))
        for (const { paths } of Object.values(run.calls)) expect(overlap(one.globs, paths)).toBe(false);
  }
  for (const waiter of model.waiters) {
    const { holders, waiters } = model.holdUp(waiter);
    expect(holders.length + waiters.length).toBeGreaterThan(0);
  }
}

const glob = fc.constantFrom('x', 'y', '*', 'd/x', 'd/*', '*/x', 'd/**', 'e/**', '**', 'd/e/x');
const globs = fc.array(glob, { minLength: 1, maxLength: 2 });
const path = fc.constantFrom('x', 'y', 'd/x', 'd/y', 'e/x', 'd/e/x', 'd/**');
const run = fc.constantFrom(...RUNS);
const holder = fc.constantFrom(...RUNS, ME);
const some = fc.nat({ max: 20 });

const takes = fc.tuple(holder, globs, fc.boolean(), fc.integer({ min: 0, max: 5 })).map(
  ([who, what, wait, dice]) =>
    new Happens(
      `${who} takes ${what}${dice === 0 ? ', by force' : wait ? ', waiting' : ''}`,
      (model, real) => {
        if (who !== ME && !model.runs.has(who)) return;
        const steal = dice === 0;
        const claim = real.newId();
        const asked = { claim, wait: wait || steal, ...(steal ? { steal: { reason: 'so' } } : {}) };
        const told = refusal(() => real.take(what, who === ME ? asked : { ...asked, for: who }));
        expect(told).toBe(model.take(claim, who, what, wait, steal));
      },
    ),
);
const releases = fc.tuple(holder, fc.option(globs, { nil: undefined })).map(
  ([who, within]) =>
    new Happens(`${who} releases ${within ?? 'all'}`, (model, real) => {
      if (who !== ME && !model.runs.has(who)) return;
      const told = refusal(() =>
        real.release({
          ...(who === ME ? {} : { for: who }),
          ...(within === undefined ? {} : { globs: within }),
        }),
      );
      expect(told).toBe(model.release(who, within));
    }),
);
const writes = fc.tuple(run, fc.constantFrom('1', '2'), fc.array(path, { minLength: 1, maxLength: 2 })).map(
  ([who, call, paths]) =>
    new Happens(`${who} writes ${paths} by ${call}`, (model, real) => {
      expect(refusal(() => real.write(who, call, ...paths))).toBe(model.write(who, call, paths));
    }),
);
const ends = fc.tuple(run, fc.constantFrom('1', '2')).map(
  ([who, call]) =>
    new Happens(`${who} has written by ${call}`, (model, real) => {
      real.written(who, call);
      model.end(who, call);
    }),
);
const turns = run.map(
  (who) =>
    new Happens(`${who} ends its turn`, (model, real) => {
      real.turn(who);
      model.turn(who);
    }),
);
const comes = fc.tuple(run, fc.constantFrom(...STRENGTHS)).map(
  ([who, strength]) =>
    new Happens(`${who} comes, ${strength.files}, its shell ${strength.shell}`, (model, real) => {
      real.enterAs(who, strength);
      model.enter(who, strength);
    }),
);
const leaves = run.map(
  (who) =>
    new Happens(`${who} leaves`, (model, real) => {
      real.leave(who);
      model.leave(who);
    }),
);
const expires = fc.tuple(some, fc.constantFrom('late', 'ended', 'stale')).map(
  ([n, how]) =>
    new Happens(`claim ${n} expires, ${how}`, (model, real) => {
      const held = model.claims[n % Math.max(1, model.claims.length)];
      if (held === undefined) return;
      const renewed = how === 'stale' ? held.n + 1 : held.n;
      real.tell('claim.expire', { claim: held.id, fence: held.fence, n: renewed, ended: how === 'ended' });
      if (how !== 'stale') model.expire(held, how === 'ended');
    }),
);
const drops = some.map(
  (n) =>
    new Happens(`waiter ${n} is not asked for`, (model, real) => {
      const waiter = model.waiters[n % Math.max(1, model.waiters.length)];
      if (waiter === undefined) return;
      real.tell('waiter.expire', { claim: waiter.id });
      model.drop(waiter.id);
    }),
);
/** The node starts again: from a snapshot, or from all that was recorded. */
const restarts = fc.boolean().map(
  (snapshot) =>
    new Happens(
      snapshot ? 'the node starts again' : 'the node reads its log',
      (_, { state, events, ...rest }) => {
        const replayed = events.reduce(
          (s, event, n) => workspaceActor.apply(s, event, n + 1),
          workspaceActor.initial(state.id),
        );
        const kept = unpack(pack(state)) as WorkspaceState;
        expect(kept).toEqual(replayed);
        expect(pack(kept)).toEqual(pack(replayed));
        void rest;
      },
    ),
);

test('[W1] [W2] whatever runs and people do, the table is what a simple one is', () => {
  const steps: fc.Arbitrary<Step>[] = [
    ...[takes, takes, takes, releases, writes, writes, writes, ends, turns],
    ...[comes, leaves, expires, drops, restarts],
  ];
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 60, size: 'max' }), fc.boolean(), (commands, strict) => {
      const setup = () => {
        const model = new Model(strict);
        const real = new Scene({ strict });
        for (const [n, name] of RUNS.entries()) {
          real.enterAs(name, STRENGTHS[n] as Strength);
          model.enter(name, STRENGTHS[n] as Strength);
        }
        return { model, real };
      };
      fc.modelRun(setup, commands);
    }),
    { numRuns: Number(process.env.SKEIN_TEST_RUNS ?? 300) },
  );
});
