/** Which URLs a workspace may be cloned from: none that holds a secret, and none by which git would run a program. Pure. */

const SCHEMES = ['https', 'http', 'ssh', 'git', 'file', 'git+ssh', 'ssh+git'];

/** What is wrong with a URL, as a sentence that does not repeat it; undefined when nothing is. */
export function urlProblem(url: string): string | undefined {
  if (url.startsWith('-')) return 'must not begin with "-"';
  if (/[\0-\x1f\x7f]/.test(url)) return 'must not hold control characters';
  // Such as `ext::sh -c …`: git asks a program of that name, which may be any.
  if (/^[A-Za-z0-9]+::/.test(url)) return 'must not name a helper with "::"';
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return pathProblem(url);
  if (!SCHEMES.includes(scheme))
    return `must begin with one of ${SCHEMES.map((one) => `${one}://`).join(', ')}`;
  const rest = url.slice(scheme.length + 3);
  const authority = rest.split('/')[0] ?? '';
  const user = authority.includes('@') ? authority.slice(0, authority.lastIndexOf('@')) : undefined;
  if (scheme === 'http' || scheme === 'https') {
    // A token is given as a user's name as often as for a password.
    if (user !== undefined)
      return 'must not hold a user or a password: leave out what is before the "@", git asks its credential helper';
    if (/[?#]/.test(rest)) return 'must not hold a query, which may be a secret';
  } else if (user?.includes(':') === true) return 'must not hold a password: leave it out, ssh has keys';
  const host = authority.slice((user?.length ?? -1) + 1);
  if (scheme !== 'file' && (host === '' || host.startsWith('-'))) return 'must name a host';
  return undefined;
}

/** `host:path` as ssh has it, or a directory from the root. */
function pathProblem(url: string): string | undefined {
  if (url.startsWith('/')) return undefined;
  const [host = '', ...path] = url.split(':');
  if (path.length === 0 || host.includes('/'))
    return 'must be a URL, host:path, or a directory from the root';
  const user = host.includes('@') ? host.slice(0, host.lastIndexOf('@')) : '';
  if (/^-|@-/.test(host)) return 'must not hold a host that begins with "-"';
  return user.includes('@') ? 'must not hold more than one "@" before the host' : undefined;
}
