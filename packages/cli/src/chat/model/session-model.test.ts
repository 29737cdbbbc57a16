/** What a chat knows of a session of which it may not read all. */
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { expect, test } from 'vitest';
import { SessionModel } from './session-model.ts';

const event = (type: string, body: object) => ({ type, at: 1, by: null, body });
const list = (...ids: string[]) => ids.map((id) => ({ id, name: id }));

test('[U1] [M3] whoever came late is offered what an agent offers since before, and what it offers from then on', () => {
  const whole = [
    event('agent.added', { agent: 'a', name: 'n', definition: 'd', cwd: '/' }),
    event('agent.starting', { agent: 'a', run: 'r', resume: null, attempt: 0 }),
    event('agent.offers', { run: 'r', modes: { current: 'ask', list: list('ask') }, commands: list('old') }),
  ].reduce<SessionState>((state, one, at) => reduceSession(state, one, at + 1), emptySession('s'));
  const model = new SessionModel('s', { member: 'm' }, whole);
  expect(model.lacks(whole)).toBe(true);
  model.complete(whole);
  expect(model.offers('a')).toEqual({ modes: list('ask'), models: [], commands: list('old') });
  model.apply(event('agent.offers', { run: 'r', commands: list('new') }), 9);
  expect(model.offers('a')).toEqual({ modes: list('ask'), models: [], commands: list('new') });
  expect(model.offers('nobody')).toEqual({ modes: [], models: [], commands: [] });
});
