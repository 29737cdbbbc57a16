/** Where the home is, and what is refused about it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkHome, resolveHome } from './home.ts';

const dir = mkdtempSync('/tmp/skh-');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('home', () => {
  test('is what was said, else SKEIN_HOME, else in the XDG state directory, else below HOME', () => {
    const env = { SKEIN_HOME: '/a', XDG_STATE_HOME: '/x', HOME: '/h' };
    expect(resolveHome('/b', env)).toBe('/b');
    expect(resolveHome(undefined, env)).toBe('/a');
    expect(resolveHome(undefined, { ...env, SKEIN_HOME: '' })).toBe('/x/skein');
    expect(resolveHome(undefined, { XDG_STATE_HOME: 'relative', HOME: '/h' })).toBe('/h/.local/state/skein');
    // The node, which is started in another directory, is given this path.
    expect(resolveHome(undefined, { HOME: 'h' })).toBe(join(process.cwd(), 'h/.local/state/skein'));
    // As of a variable that is not set: what was meant is not the usual home.
    expect(() => resolveHome('', env)).toThrowError(expect.objectContaining({ code: 'bad_request' }));
    expect(() => resolveHome(undefined, {})).toThrowError(expect.objectContaining({ code: 'bad_request' }));
  });

  test('must be ours alone, and short enough for a socket', () => {
    checkHome(join(dir, 'not-there-yet'));
    checkHome(dir);
    chmodSync(dir, 0o750);
    expect(() => checkHome(dir)).toThrowError(expect.objectContaining({ code: 'home_unsafe' }));
    chmodSync(dir, 0o700);
    // What is advised can be typed as it stands, whatever the home is called.
    const named = join(dir, "my user's home");
    mkdirSync(named, { mode: 0o750 });
    const typed = (): string => {
      try {
        checkHome(named);
      } catch (error) {
        return /chmod .*$/.exec((error as Error).message)?.[0] ?? '';
      }
      return 'true';
    };
    execFileSync('sh', ['-c', typed()]);
    expect(typed()).toBe('true');
    writeFileSync(join(dir, 'file'), '');
    expect(() => checkHome(join(dir, 'file'))).toThrowError(expect.objectContaining({ code: 'home_unsafe' }));
    expect(() => checkHome(`/tmp/${'x'.repeat(100)}`)).toThrowError(
      expect.objectContaining({ code: 'path_too_long', message: expect.stringContaining('SKEIN_HOME') }),
    );
  });
});
