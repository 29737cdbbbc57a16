/** Plans, held against a world that does what they say (rules B1, B3). */
import type { ComposeFile } from '@skein/protocol/compose/file';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action } from './action.ts';
import { planUp } from './plan.ts';
import { planDown } from './plan-down.ts';
import { isAliveLife, type Present, type PresentAgent, type PresentSession, taskId } from './present.ts';
import { type Wanted, wantedOf } from './wanted.ts';

const NOTHING: Present = { workspaces: [], sessions: [], policies: {}, machines: {} };
const ALL = { restart: true, prune: true };
const BARE = { restart: false, prune: false };

let made = 0;
function id(): string {
  made += 1;
  return `id${made}`;
}
const label = (project: string, part: string, fields: Record<string, string>) => ({ project, part, fields });

function newAgent({ project, sessions }: Wanted, part: string, name: string): PresentAgent {
  const one = sessions[part]?.agents[name];
  if (one === undefined) throw new Error(`${part}/${name} is not wanted`);
  const { mode, model, fields } = one;
  return {
    ...{
      id: id(),
      name,
      life: 'running',
      doing: 'idle',
      label: label(project, name, fields),
      workspace: undefined,
    },
    ...{ chosen: { mode, model }, mode: null, model: null, prompted: false },
  };
}

/** What is there after an action: as a node would have it. */
function after(wanted: Wanted, here: Present, action: Action): Present {
  const onSession = (session: string, change: (one: PresentSession) => PresentSession): Present => ({
    ...here,
    sessions: here.sessions.map((one) => (one.id === session ? change(one) : one)),
  });
  const onAgent = (session: string, agent: string, change: Partial<PresentAgent> | null) =>
    onSession(session, (one) => ({
      ...one,
      agents: one.agents.flatMap((was) =>
        was.id !== agent && was.name !== agent ? [was] : change === null ? [] : [{ ...was, ...change }],
      ),
    }));
  const sessionOf = (part: string) => {
    const found = here.sessions.find((one) => one.label?.part === part);
    if (found === undefined) throw new Error(`there is no session ${part}`);
    return found.id;
  };
  switch (action.do) {
    case 'workspace.make': {
      const one = wanted.workspaces[action.part];
      if (one === undefined || here.workspaces.some(({ name }) => name === action.part))
        throw new Error('taken');
      if (one.source.kind === 'worktree') {
        const { base } = one.source;
        if (!here.workspaces.some(({ name }) => name === base)) throw new Error('its base is not there');
      }
      const labelled = label(wanted.project, action.part, one.fields);
      return {
        ...here,
        workspaces: [
          ...here.workspaces,
          { id: id(), name: action.part, root: `/w/${id()}`, life: 'ready', label: labelled },
        ],
      };
    }
    case 'workspace.await':
      return { ...here, workspaces: here.workspaces.map((one) => ({ ...one, life: 'ready' })) };
    case 'workspace.remove':
      return { ...here, workspaces: here.workspaces.filter((one) => one.id !== action.id) };
    case 'session.make': {
      const one = wanted.sessions[action.part];
      if (one === undefined || here.sessions.some(({ name }) => name === one.name)) throw new Error('taken');
      const agents = action.agent === null ? [] : [newAgent(wanted, action.part, action.agent)];
      const terminal = action.agent === null ? 'running' : null;
      const labelled = label(wanted.project, action.part, one.fields);
      return {
        ...here,
        sessions: [
          ...here.sessions,
          { id: id(), name: one.name, label: labelled, terminal, agents, members: [], tasks: [], slots: 4 },
        ],
      };
    }
    case 'session.rename':
      return onSession(action.id, (one) => ({ ...one, name: action.name }));
    case 'session.stop':
      return onSession(action.id, (one) => ({ ...one, terminal: 'exited' }));
    case 'session.remove':
      return { ...here, sessions: here.sessions.filter((one) => one.id !== action.id) };
    case 'agent.add':
      return onSession(sessionOf(action.part), (one) => ({
        ...one,
        agents: [...one.agents, newAgent(wanted, action.part, action.agent)],
      }));
    case 'agent.prompt':
      return onAgent(sessionOf(action.part), action.agent, { prompted: true });
    case 'agent.choose':
      return onAgent(sessionOf(action.part), action.agent, {
        chosen: {
          mode: undefined,
          model: undefined,
          ...wanted.sessions[action.part]?.agents[action.agent],
          [action.choice]: action.value,
        },
      });
    case 'agent.restart':
      return onAgent(action.session, action.id, { life: 'running' });
    case 'agent.stop':
      return onAgent(action.session, action.id, { life: 'stopped' });
    case 'agent.remove':
      return onAgent(action.session, action.id, null);
    case 'machine.add':
      return { ...here, machines: { ...here.machines, [action.part]: { peer: id(), reachable: true } } };
    case 'task.add':
      return onSession(sessionOf(action.part), (one) => ({
        ...one,
        tasks: [...one.tasks, taskId(one.id, action.task)],
      }));
    case 'task.slots':
      return onSession(sessionOf(action.part), (one) => ({ ...one, slots: action.slots }));
    case 'member.role':
      return onSession(action.session, (one) => ({
        ...one,
        members: one.members.map((m) => (m.id === action.member ? { ...m, role: action.role } : m)),
      }));
    case 'policy.write':
      return { ...here, policies: { ...here.policies, [action.part]: action.text } };
    case 'policy.remove': {
      const { [action.part]: _, ...policies } = here.policies;
      return { ...here, policies };
    }
  }
}

const applied = (wanted: Wanted, here: Present, actions: readonly Action[]): Present =>
  actions.reduce((now, action) => after(wanted, now, action), here);

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const said = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const agents = fc.dictionary(
  fc.constantFrom('x', 'y'),
  fc
    .record({
      agent: fc.constantFrom('claude', 'codex'),
      mode: maybe(fc.constantFrom('plan', 'code')),
      prompt: maybe(fc.constant('go')),
      worktree: maybe(fc.boolean()),
    })
    .map((one) => said(one) as { agent: string }),
);
/** Files over few names, so that one follows from another by every kind of change. */
const files: fc.Arbitrary<ComposeFile> = fc
  .record({
    workspaces: fc.subarray(['w', 'l']),
    setup: fc.constantFrom('a', 'b'),
    tree: fc.boolean(),
    sessions: fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.record({
        terminal: maybe(fc.constantFrom('one', 'two')),
        once: fc.boolean(),
        agents,
        inside: fc.boolean(),
        called: maybe(fc.constantFrom('p', 'q')),
        policy: maybe(fc.constant([{ deny: { tool: 'x' } }])),
        tasks: fc.dictionary(fc.constantFrom('m', 'n'), fc.constant({ text: 'do' })),
        slots: maybe(fc.constantFrom(2, 3)),
      }),
    ),
  })
  .map(({ workspaces, setup, tree, sessions }) => {
    const spaces = Object.fromEntries(
      workspaces.map((name) => [name, name === 'w' ? { git: '/r', setup } : { local: '/l' }]),
    );
    if (tree && workspaces.includes('w')) Object.assign(spaces, { t: { worktree: 'w' } });
    const all = Object.entries(sessions).flatMap(
      ([part, { terminal, once, agents, inside, called, policy, tasks, slots }]) => {
        if (terminal === undefined && Object.keys(agents).length === 0) return [];
        const workspace = inside && workspaces.includes('w') ? 'w' : undefined;
        const name = called === undefined ? undefined : `${part}${called}`;
        const own = terminal === undefined ? undefined : { command: terminal, once };
        return [[part, said({ terminal: own, agents, workspace, name, policy, tasks, slots })]];
      },
    );
    return { name: 'shop', workspaces: spaces, sessions: Object.fromEntries(all) } as ComposeFile;
  });

/** What happens to what is there without any file: ends, names, choices, things that are gone. */
const disturbances = fc.array(fc.tuple(fc.nat(5), fc.nat(7), fc.nat(3)), { maxLength: 6 });
function disturbed(here: Present, changes: readonly (readonly [number, number, number])[]): Present {
  return changes.reduce(disturb, here);
}

function disturb(now: Present, [kind, which, inner]: readonly [number, number, number]): Present {
  const session = now.sessions[which % Math.max(1, now.sessions.length)];
  const other = (change: (one: PresentSession) => PresentSession) => ({
    ...now,
    sessions: now.sessions.map((one) => (one === session ? change(one) : one)),
  });
  const agent = session?.agents[inner % Math.max(1, session.agents.length)];
  const onAgent = (change: Partial<PresentAgent>) =>
    other((one) => ({
      ...one,
      agents: one.agents.map((was) => (was === agent ? { ...was, ...change } : was)),
    }));
  if (kind === 0) return other((one) => ({ ...one, name: `renamed-${one.id}` }));
  if (kind === 1) return other((one) => ({ ...one, terminal: one.terminal === null ? null : 'exited' }));
  if (kind === 2) return onAgent({ life: 'exited' });
  if (kind === 3) return onAgent({ chosen: { mode: 'other', model: 'other' } });
  if (kind === 4) return { ...now, sessions: now.sessions.filter((one) => one !== session) };
  return {
    ...now,
    workspaces: now.workspaces.map((one, i) => (i === which ? { ...one, life: 'failed' } : one)),
  };
}

describe('a plan', () => {
  test('[B1] comes to what the file says, from wherever; once more there is nothing to do', () => {
    fc.assert(
      fc.property(files, files, fc.nat(12), disturbances, (first, second, cut, changes) => {
        const [before, now] = [wantedOf(first, '/base'), wantedOf(second, '/base')];
        const begun = applied(before, NOTHING, planUp(before, NOTHING, ALL).actions.slice(0, cut));
        const found = disturbed(begun, changes);
        const whole = applied(now, found, planUp(now, found, ALL).actions);
        expect(planUp(now, whole, ALL)).toMatchObject({ actions: [], held: [], conflicts: [] });
        expect(planUp(now, whole, BARE)).toMatchObject({ actions: [], held: [] });
        expect(applied(now, whole, planDown('shop', whole, true))).toEqual(NOTHING);
      }),
      { numRuns: 300 },
    );
  });

  test('[B3] ends nothing that runs unless that is asked for', () => {
    fc.assert(
      fc.property(files, files, disturbances, (first, second, changes) => {
        const [before, now] = [wantedOf(first, '/base'), wantedOf(second, '/base')];
        const found = disturbed(applied(before, NOTHING, planUp(before, NOTHING, ALL).actions), changes);
        const left = found.workspaces.filter(({ life }) => life === 'failed').map(({ label }) => label?.part);
        const broken = [...left, ...(left.includes('w') ? ['t'] : [])];
        for (const action of planUp(now, found, BARE).actions) {
          const session = found.sessions.find((one) => 'id' in action && one.id === action.id);
          if (action.do === 'session.remove' && !broken.includes(now.sessions[action.part]?.workspace))
            expect(
              session?.terminal === 'running' || session?.agents.some(({ life }) => isAliveLife(life)),
            ).toBe(false);
          if (action.do === 'agent.remove') expect(broken).toContain(now.sessions[action.part]?.workspace);
          if (action.do === 'workspace.remove') expect(broken).toContain(action.part);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[B3] leaves what somebody else has put into a session', () => {
    const file = (terminal: string) => wantedOf({ name: 'shop', sessions: { a: { terminal } } }, '/base');
    const there = applied(file('one'), NOTHING, planUp(file('one'), NOTHING, ALL).actions);
    const [session] = there.sessions;
    if (session === undefined) throw new Error('it was made');
    const foreign: PresentAgent = {
      ...{
        id: 'f',
        name: 'theirs',
        life: 'running',
        doing: 'idle',
        label: undefined,
        workspace: undefined,
        prompted: true,
      },
      ...{ chosen: { mode: undefined, model: undefined }, mode: null, model: null },
    };
    const found = { ...there, sessions: [{ ...session, agents: [foreign] }] };
    const plan = planUp(file('two'), found, ALL);
    expect(plan.actions).toEqual([]);
    expect(plan.held).toMatchObject([{ needs: 'you', why: expect.stringContaining('skein stop a/theirs') }]);
  });
});
