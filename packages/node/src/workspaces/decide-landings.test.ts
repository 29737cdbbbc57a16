/** What a workspace decides about landings: one at a time, in order, and never under somebody else's claim. */
import { describe, expect, test } from 'vitest';
import { EFFECT_OUTCOME } from '../kernel/types.ts';
import { Scene } from './claims/scene.fixture.ts';

function scene(): Scene {
  const one = new Scene();
  one.apply([
    {
      type: 'workspace.ready',
      body: { git: { branch: 'main', head: 'a'.repeat(40) }, folds: { case: false, unicode: false } },
    },
  ]);
  return one;
}

const from = (name: string, of = 'wwwwwwwwwwww') => ({
  from: { name, root: `/${name}`, of, told: [{ session: `s${name}`, agent: `g${name}` }] },
});
const begin = (one: Scene, name: string, more: object = {}, facts: unknown = from(name)) =>
  one.command(
    'landing.begin',
    { landing: `landing${name}`.padEnd(12, 'x'), from: name.padEnd(12, 'x'), ...more },
    facts,
  );
const id = (name: string) => `landing${name}`.padEnd(12, 'x');
const ended = (one: Scene, name: string, value: object, kind = 'land') =>
  one.tell(EFFECT_OUTCOME, { id: `${kind} ${id(name)}`, kind, status: 'done', value });
const states = (one: Scene) => one.state.landings.map(({ state }) => state);

describe('landings', () => {
  test('[W5] they go one at a time, in their order, and their sessions are told', () => {
    const one = scene();
    expect(begin(one, 'a')).toMatchObject({ before: 0 });
    expect(begin(one, 'b')).toMatchObject({ before: 1 });
    expect(begin(one, 'c')).toMatchObject({ before: 2 });
    expect(states(one)).toEqual(['running', 'waiting', 'waiting']);
    expect(one.state.landings[2]?.message).toBe('It waits behind a, b.');
    ended(one, 'a', { state: 'landed', step: 'commit', before: 'x', after: 'y', onto: 'main' });
    expect(states(one)).toEqual(['landed', 'running', 'waiting']);
    expect(one.state.landings.map(({ step }) => step)).toEqual([null, 'commit', null]);
    one.command('landing.cancel', { landing: id('c') });
    one.tell(EFFECT_OUTCOME, {
      id: `land ${id('b')}`,
      kind: 'land',
      status: 'failed',
      error: { code: 'internal', message: 'no' },
    });
    expect(states(one)).toEqual(['landed', 'stopped', 'stopped']);
    expect(one.noted('sb')).toEqual(Array(3).fill('landing.changed'));
    expect(one.effects.map(({ kind }) => kind).slice(1)).toEqual([
      'land',
      'forget-landing',
      'land',
      'forget-landing',
    ]);
  });

  test('[W5] what is no worktree of it, lands already, or cannot land, is refused', () => {
    const one = scene();
    expect(() => begin(one, 'a', {}, from('a', 'other'))).toThrow('no worktree');
    expect(() => begin(one, 'a', {}, { from: null })).toThrow('no workspace');
    begin(one, 'a');
    expect(() => begin(one, 'a', { landing: 'zzzzzzzzzzzz' })).toThrow('landing already');
    expect(() => begin(new Scene(), 'a')).toThrow('no git repository');
  });

  test('[W2][W5] it stops before paths that somebody else holds or writes, and keeps others from its own meanwhile', () => {
    const one = scene();
    one.enter('b', 'c');
    one.take('src/**', { for: 'b' });
    one.write('c', 'call', 'docs/x');
    begin(one, 'a');
    const hold = (...paths: string[]) => one.tell('landing.hold', { landing: id('a'), name: 'a', paths });
    expect(() => hold('src/a*b')).toThrow('"src/**" is held in "w" by b');
    expect(() => hold('docs/x')).toThrow('by c');
    hold('lib/x', 'lib/*');
    hold('lib/x', 'lib/*');
    expect(() => one.take('lib/**', { for: 'b' })).toThrow('the landing of a');
    expect(Object.keys(one.holders())).toContain('lib/\\*');
    ended(one, 'a', { state: 'stopped', message: 'x' });
    expect(one.take('lib/**', { for: 'b' })).toMatchObject({ before: 0 });
  });

  test('[W5] it is undone once it has landed, in its turn; one that cannot be stays landed', () => {
    const one = scene();
    begin(one, 'a');
    expect(() => one.command('landing.undo', { landing: id('a') })).toThrow('has not landed');
    ended(one, 'a', { state: 'landed', before: 'x', after: 'y' });
    begin(one, 'b');
    expect(one.command('landing.undo', { landing: id('a') })).toMatchObject({ before: 1 });
    ended(one, 'b', { state: 'stopped', message: 'x' });
    expect(one.effects.at(-1)).toMatchObject({ kind: 'undo-landing' });
    ended(one, 'a', { state: 'landed', message: 'dirty' }, 'undo-landing');
    one.command('landing.undo', { landing: id('a') });
    ended(one, 'a', { state: 'undone', message: 'done' }, 'undo-landing');
    expect(states(one)).toEqual(['undone', 'stopped']);
    expect(() => one.command('landing.undo', { landing: id('a') })).toThrow('undone already');
  });

  test('[W5] one that is cancelled goes no further, unless the branch is moving', () => {
    const one = scene();
    begin(one, 'a');
    one.tell('landing.step', { landing: id('a'), step: 'check', branch: 'skein/a' });
    one.command('landing.cancel', { landing: id('a') });
    expect(one.effects.at(-1)).toMatchObject({ kind: 'cancel-landing' });
    expect(() => one.tell('landing.step', { landing: id('a'), step: 'move' })).toThrow('cancelled');
    one.tell(EFFECT_OUTCOME, {
      id: `land ${id('a')}`,
      kind: 'land',
      status: 'failed',
      error: { code: 'gone', message: 'x' },
    });
    expect(one.state.landings[0]).toMatchObject({
      state: 'stopped',
      message: 'It was cancelled.',
      branch: 'skein/a',
    });
    begin(one, 'b');
    one.tell('landing.step', { landing: id('b'), step: 'move' });
    expect(() => one.command('landing.cancel', { landing: id('b') })).toThrow('too late');
  });
});
