/** What home takes from a machine that lies (rules X2, L8): nothing about others, no name of a directory, no more than an honest one asks. */
import { MAX_FAR_APPROVALS, MAX_HOME_ASK, MAX_HOME_ASKS } from '@skein/protocol/machines/limits';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLEAR_AGENT } from '../../agents/effects-wanted.ts';
import type { NewEvent } from '../../kernel/types.ts';
import { AGENT, copy, far, READY, RUN, ready, said, worker } from './far.fixture.ts';

const OTHER = 'eeeeeeeeeeee';
const ended: NewEvent = { type: 'agent.exited', body: { run: RUN, code: 0, signal: null, stderr: '' } };
const starting = (run: string): NewEvent => ({
  type: 'agent.starting',
  body: { agent: AGENT, run, resume: null, attempt: 0 },
});
const asked = (ask: string, body: unknown = {}): NewEvent => ({
  type: 'home.asked',
  body: { ask, kind: 'claim', body },
});

describe('[X2] a machine that lies', () => {
  test('gives a run no name but a run’s, whatever is made of that here', () => {
    fc.assert(
      fc.property(fc.constantFrom('..', '../..', '../identity', '/', '.', 'a/../../b', 'x\0', ''), (name) => {
        const [here] = ready(ended, starting(name), {
          type: 'agent.restarting',
          body: { agent: AGENT, run: name, fresh: true },
        });
        expect(here.state.agents[AGENT]).toMatchObject({ run: { run: RUN }, next: null });
      }),
    );
  });

  test('[L8] has nothing cleared here by the name that it gives a run', () => {
    const [here] = ready(ended, starting(OTHER), {
      ...ended,
      body: { ...(ended.body as object), run: OTHER },
    });
    expect(here.state.agents[AGENT]?.run?.run).toBe(OTHER);
    const { effects = [] } = here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER);
    expect(effects.filter(({ kind }) => kind === CLEAR_AGENT)).toEqual([
      expect.objectContaining({ body: { agent: AGENT, run: null } }),
    ]);
  });

  test('says nothing in the name of another agent, not even beside what an event’s type knows', () => {
    const delta = said('a');
    const [here] = ready(delta, { ...delta, body: { ...(delta.body as object), agent: OTHER } });
    expect(here.of('message.delta')).toHaveLength(1);
  });

  test('asks no more at a time than an honest one, nothing twice, and nothing too large', () => {
    const flood = Array.from({ length: 2 * MAX_HOME_ASKS }, (_, n) => asked(`a${n}`));
    const [here, there] = ready(asked('big', 'x'.repeat(MAX_HOME_ASK)), asked('a0'), ...flood);
    const asks = far(here).asks.map(({ ask }) => ask);
    expect(asks).toEqual(Array.from({ length: MAX_HOME_ASKS }, (_, n) => `a${n}`));
    there.record([{ type: 'home.answered', body: { ask: 'a0', by: 'withdrawn' } }, asked('later')]);
    copy(here, there);
    expect(far(here).asks.map(({ ask }) => ask)).toEqual([...asks.slice(1), 'later']);
    expect(far(here).cursor?.offset).toBe(there.offset);
  });

  test('has people asked for no more at a time than any agent would', () => {
    const may = (n: number): NewEvent => ({
      type: 'approval.asked',
      body: {
        ...{ run: RUN, turn: 't', approval: `p${n}`, call: 'c', kind: 'execute', title: 'x', paths: [] },
        options: [{ id: 'y', kind: 'allow_once', label: 'Yes' }],
      },
    });
    const [here, there] = ready(...Array.from({ length: MAX_FAR_APPROVALS + 9 }, (_, n) => may(n)));
    expect(Object.keys(here.state.approvals)).toHaveLength(MAX_FAR_APPROVALS);
    there.record([
      { type: 'approval.resolved', body: { run: RUN, approval: 'p0', outcome: 'denied' } },
      may(999),
    ]);
    copy(here, there);
    expect(here.state.approvals).toHaveProperty('p999');
  });

  test('puts its agent into no workspace of home’s, to claim there and to be shown what it holds', () => {
    const started = (id: string): NewEvent => {
      const [, event] = READY;
      const workspace = { id, name: 'app', root: '/app' };
      return { type: 'agent.started', body: { ...(event?.body as object), workspace } };
    };
    const [here, there] = ready(started(OTHER));
    expect(here.state.agents[AGENT]?.workspace ?? null).toBeNull();
    there.record([started(AGENT)]);
    copy(here, there);
    expect(here.state.agents[AGENT]?.workspace?.id).toBe(AGENT);
  });

  test('is believed no time that is none', () => {
    for (const at of ['x', Number.NaN, 1e300, 1.5, null]) {
      const [here] = ready();
      const there = worker(said('a'));
      there.events = there.events.map((event) => ({ ...event, at: at as number }));
      copy(here, there);
      expect(here.of('message.delta').map((event) => event.at)).toEqual([here.now]);
    }
  });
});
