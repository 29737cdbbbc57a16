/** URLs that a workspace is cloned from hold no secret, and none makes git run a program. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { urlProblem } from './url.ts';

const good = [
  'https://github.com/a/b.git',
  'http://localhost:8080/x',
  'ssh://git@host.example:22/~/x.git',
  'git@github.com:a/b.git',
  'host:path/to/x',
  'file:///srv/x.git',
  '/srv/x.git',
  'git://host/x',
  '/srv/with:colon/and@at',
  'ssh://a@b@host:22/x',
  'ssh://git@[::1]:22/x',
  'http://[fe80::1%25eth0]:80/x',
  'https://host:/x/%40scope',
  'file:///srv/a@b;c',
  'git@[::1]:x',
];
const bad = [
  'https://user:pass@host/x',
  'https://ghp_0123456789@github.com/a/b',
  'https://user@host/x',
  'https://host/x?access_token=1',
  'https://host/x;token=secret',
  'https://user:to/ken@host/x',
  'https://user:12/34@host/x',
  'https://user:to/ken%40host/x',
  'https://ghp_0123456789%40host/x',
  'https://host/@scope/x',
  'https:/user:pass@host/x',
  'https:user:pass@host/x',
  'ssh://user:to/ken@host/x',
  'ssh://user:12/34@host/x',
  'ssh://host/token@x',
  'user:pass@host:x',
  'user:to/ken@host:x',
  'ssh://git:pw@host/x',
  'ssh://-oProxyCommand=x/y',
  'ssh://git@-oProxyCommand=x/y',
  '-oProxyCommand=x:y',
  'git@-oProxyCommand=x:y',
  'ext::sh -c id',
  'EXT::sh -c id',
  'fd::3',
  'ftp://host/x',
  'relative/dir',
  '../up',
  'https:///x',
  'https://host/a\nb',
  '--upload-pack=id',
];

describe('URLs of workspaces', () => {
  test.each(good)('[W5] %s is taken', (url) => expect(urlProblem(url)).toBeUndefined());
  test.each(bad)('[W5] %s is refused', (url) => expect(urlProblem(url)).toBeTypeOf('string'));

  test('[W5] no secret in a URL is taken, or told when it is refused', () => {
    const begins = fc.constantFrom('https://', 'HTTP://', 'hTTps:/', 'ssh://', 'git://', 'git+ssh://', '');
    const word = fc.stringMatching(/^[a-z0-9]{4,12}$/);
    const any = fc.string({
      unit: fc.constantFrom(...'AZ09/:;@%#?[]\\.,+-=&~!$()*\'"{}|^`<>'),
      maxLength: 12,
    });
    const secret = fc.tuple(fc.stringMatching(/^[A-Z0-9]{8}$/), any).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        begins,
        word,
        secret,
        word,
        fc.constantFrom('/x', ':x', ':80/x/'),
        (one, user, key, host, end) => {
          const problem = urlProblem(`${one}${user}:${key}@${host}${end}`);
          expect(problem).toBeTypeOf('string');
          expect(problem).not.toContain(key);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
