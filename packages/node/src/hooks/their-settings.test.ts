/** Settings of a definition's own, kept beside our hooks (rule W2). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { theirSettings, withHooks } from './their-settings.ts';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-settings-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const DENY = { permissions: { deny: ['Read(.env)'] } };

test('[W2] the last settings of a definition are taken out of its arguments, and all else is left', () => {
  fs.writeFileSync(path.join(dir, 'mine.json'), JSON.stringify(DENY));
  expect(theirSettings(['claude', '-p', '--settings', 'mine.json', '--model', 'x'], dir)).toEqual({
    ...{ argv: ['claude', '-p', '--model', 'x'], settings: DENY },
  });
  const twice = ['claude', '--settings', 'none.json', `--settings=${JSON.stringify(DENY)}`];
  expect(theirSettings(twice, dir)).toEqual({ argv: ['claude'], settings: DENY });
  expect(theirSettings(['claude', '--settings'], dir)).toEqual({
    ...{ argv: ['claude', '--settings'], settings: {} },
  });
});

test('[W2] what cannot be read is refused, as the agent would', () => {
  fs.writeFileSync(path.join(dir, 'list.json'), '[]');
  for (const given of ['none.json', 'list.json', '{"a":'])
    expect(() => theirSettings(['claude', '--settings', given], dir)).toThrowError(
      expect.objectContaining({ code: 'agent_start_failed' }),
    );
});

test('[W2] our hooks come after theirs, and nothing else of theirs is changed', () => {
  const theirs = { ...DENY, hooks: { PreToolUse: ['a'], Stop: ['b'], Odd: 'c' } };
  expect(withHooks(theirs, { PreToolUse: ['x'], Odd: ['y'], Start: ['z'] })).toEqual({
    ...{ ...DENY, hooks: { PreToolUse: ['a', 'x'], Stop: ['b'], Odd: ['y'], Start: ['z'] } },
  });
  expect(withHooks({}, { Stop: ['x'] })).toEqual({ hooks: { Stop: ['x'] } });
});
