/** Into what an agent may type (rule N1): the terminal of its session, unless that answers for an agent that it may not answer for. */
import { emptySession, type SessionState } from '@skein/protocol/sessions/state';
import type { Capability } from '@skein/protocol/tools/capability';
import { describe, expect, test } from 'vitest';
import { sessionActor } from '../../sessions/session-actor.ts';
import type { ToolRun } from '../tool-run.ts';
import { directingHandlers } from './directing.ts';

const [LEAD, CHILD, SHOWN] = ['leadaaaaaaaa', 'childaaaaaaa', 'shownaaaaaaa'];
const mayAll: Capability = { depth: 2, spawn: 8, role: 'owner', approve: true };

/** One agent has its own interface in the terminal; `above` are those that it comes from. */
function session(above: string[] | undefined, direct: Capability): SessionState {
  const added = (agent: string, more: object) => ({
    type: 'agent.added',
    body: { agent, name: agent.slice(0, 4), definition: 'fake', cwd: '/', direct, ...more },
  });
  const begun = { run: 'runaaaaaaaaa', agent: SHOWN, resume: null, attempt: 0 };
  const asked = { run: 'runaaaaaaaaa', argv: ['fake'], cwd: '/', cols: 80, rows: 24 };
  const events = [
    { type: 'session.created', body: { id: 's', name: 's', argv: ['fake'], cwd: '/' } },
    added(LEAD, {}),
    added(CHILD, { above: [LEAD] }),
    added(SHOWN, { pty: true, ...(above === undefined ? {} : { above }) }),
    { type: 'run.requested', body: asked },
    { type: 'agent.starting', body: begun },
  ];
  return events.reduce(
    (state, event, i) => sessionActor.apply(state, { ...event, at: 1, by: null }, i + 1),
    emptySession('s'),
  );
}

async function types(me: string, state: SessionState): Promise<string> {
  let typed = 'nothing';
  const run = {
    me,
    state: async () => state,
    mine: ({ agents }: SessionState) => agents[me],
    type: async (bytes: Uint8Array) => {
      typed = Buffer.from(bytes).toString();
    },
  };
  const refused = directingHandlers
    .type({ text: '1' }, run as unknown as ToolRun)
    .catch((error) => error.code);
  return typeof (await refused) === 'string' ? String(await refused) : typed;
}

describe('[N1] an agent types into the terminal', () => {
  test('not where that is its own interface, or one of an agent that it has not started', async () => {
    expect(await types(SHOWN, session(undefined, mayAll))).toBe('not_allowed');
    expect(await types(CHILD, session(undefined, mayAll))).toBe('not_allowed');
    expect(await types(CHILD, session([LEAD], mayAll))).toBe('not_allowed');
  });

  test('where that is an interface of one that it has started, with the right to answer for it', async () => {
    expect(await types(LEAD, session([LEAD], mayAll))).toBe('1');
    expect(await types(LEAD, session([LEAD], { ...mayAll, approve: false }))).toBe('not_allowed');
  });

  test('where it is a program’s that is no agent', async () => {
    const state = session(undefined, { ...mayAll, role: 'operator', approve: false });
    const { [SHOWN]: _, ...agents } = state.agents;
    expect(await types(CHILD, { ...state, agents })).toBe('1');
  });
});
