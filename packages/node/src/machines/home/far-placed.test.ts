/** What home decides about where its agents run: on a machine that is known, by who may, and forgotten when that is lost (rules X1, L7). */
import { SkeinError } from '@skein/protocol/errors';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { emptySession, migrateSession } from '@skein/protocol/sessions/state';
import { describe, expect, test } from 'vitest';
import { AGENT, HOSTED, home, Log, PEER, RUN, ready, refusal, SESSION } from './far.fixture.ts';
import { saidThere } from './far-effects.ts';

describe('[X1] an agent for another machine', () => {
  test('is refused where it cannot be, by one who may not, or when that is not known', () => {
    const here = home();
    const spec = { agent: 'ffffffffffff', run: 'gggggggggggg', definition: 'fake', on: PEER };
    const facts = { far: { peer: PEER, node: 'box' } };
    const add = (more: object, given: object = facts) =>
      refusal(() => here.do('agent.add', { ...spec, ...more }, LOCAL_OWNER, given)).code;
    expect(add({}, {})).toBe('not_found');
    expect(add({ pty: { cols: 80, rows: 24 } })).toBe('bad_request');
    expect(add({ resume: 'x' })).toBe('bad_request');
    expect(add({ there: { dir: '/w' }, workspace: 'hhhhhhhhhhhh' })).toBe('bad_request');
  });

  test('that could not be admitted has failed, and can be removed', () => {
    const here = new Log(SESSION);
    here.record([{ type: 'session.created', body: { id: SESSION, name: 'api', argv: ['f'], cwd: '/' } }]);
    const spec = { agent: AGENT, run: RUN, definition: 'fake', on: PEER };
    here.do('agent.add', spec, LOCAL_OWNER, { far: { peer: PEER, node: 'box' } });
    const error = { code: 'not_granted', message: 'No.' };
    here.do('effect.outcome', { id: RUN, kind: 'place-far', status: 'failed', error });
    expect(here.state.agents[AGENT]).toMatchObject({ life: 'failed', why: 'No.' });
    here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER);
    expect(here.state.far).toEqual({});
  });

  test('that has no room there is not told as if there were none here', () => {
    const full = new SkeinError('storage_unavailable', 'The log cannot be written now: disk is full');
    expect(saidThere('box', full).message).toMatch(/^On box: The log cannot be written/);
    const other = new SkeinError('not_granted', 'That machine lets your node run no agents.');
    expect(saidThere('box', other)).toBe(other);
  });

  test('that was removed before it was admitted does not go on there', () => {
    const here = new Log(SESSION);
    here.record([{ type: 'session.created', body: { id: SESSION, name: 'api', argv: ['f'], cwd: '/' } }]);
    const spec = { agent: AGENT, run: RUN, definition: 'fake', on: PEER };
    here.do('agent.add', spec, LOCAL_OWNER, { far: { peer: PEER, node: 'box' } });
    here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER);
    const value = { agent: AGENT, peer: PEER, session: HOSTED, term: 60_000, away: 'go-on', claims: 'hold' };
    const { tell = [] } = here.do('effect.outcome', {
      ...{ id: RUN, kind: 'place-far', status: 'done', value },
    });
    expect(tell).toMatchObject([
      {
        target: 'node',
        type: 'give-far',
        body: { peer: PEER, session: HOSTED, agent: AGENT, epoch: 1, n: 1 },
      },
    ]);
  });

  test('that nothing said here reaches any more is lost, and can be forgotten though it may run there', () => {
    const [here] = ready();
    expect(refusal(() => here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER)).code).toBe('still_running');
    const { tell = [] } = here.do('far.link', { agent: AGENT, link: 'ended' });
    expect(tell.map(({ type, body }) => [type, (body as { state: string }).state])).toEqual([
      ['session.agents', 'lost'],
    ]);
    const removed = here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER);
    expect(removed.effects?.map(({ kind }) => kind)).toEqual(['clear-agent']);
    expect(removed.tell?.map(({ type }) => type)).toContain('give-far');
  });

  test('[X3] that another home commands is forgotten here, and nothing of it is said or given back under the epoch of that one', () => {
    const [here] = ready();
    here.do('far.lost', { agent: AGENT, was: 1, epoch: 2, why: 'Another home has taken it.' });
    const { effects = [], tell = [] } = here.do('agent.remove', { agent: AGENT }, LOCAL_OWNER);
    expect(effects.map(({ kind }) => kind)).toEqual(['clear-agent']);
    expect(tell.map(({ type }) => type)).not.toContain('give-far');
  });

  test('[L7] a session of before there were any is read as one that has none', () => {
    const { far: _, hosted: __, ...before } = emptySession('x');
    expect(migrateSession(before, 5)).toMatchObject({ far: {}, hosted: null });
  });
});
