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
];
const bad = [
  'https://user:pass@host/x',
  'https://ghp_0123456789@github.com/a/b',
  'https://user@host/x',
  'https://host/x?access_token=1',
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
    const scheme = fc.constantFrom('https', 'HTTP', 'ssh', 'git', 'hTTps');
    const word = fc.stringMatching(/^[a-z0-9]{4,12}$/);
    fc.assert(
      fc.property(scheme, word, fc.stringMatching(/^[A-Z0-9%]{12,20}$/), word, (one, user, secret, host) => {
        const problem = urlProblem(`${one}://${user}:${secret}@${host}/x`);
        expect(problem).toBeTypeOf('string');
        expect(problem).not.toContain(secret);
      }),
    );
  });
});
