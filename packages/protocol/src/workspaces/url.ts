/** Which URLs a workspace may be cloned from: none that holds a secret, and none by which git would run a program. Pure. */

const SCHEMES = ['https', 'http', 'ssh', 'git', 'file', 'git+ssh', 'ssh+git'];

/** A name or a number, or an address of IPv6; and a port. What else could be a password that a "/" cuts off. */
const HOST = /^(?:[^-:%[\]][^:%[\]]*|\[[0-9a-f:.]+(?:%[\w.%-]+)?\])(?::[0-9]*)?$/i;

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
  // Nothing of these can be a secret, and no `@` of theirs ends one.
  if (scheme === 'file') return undefined;
  const rest = url.slice(scheme.length + 3);
  if (scheme === 'http' || scheme === 'https') {
    // A token is given as a user's name as often as for a password; and a password may hold what would end the host.
    if (rest.includes('@'))
      return 'must not hold a user or a password: leave out what is before the "@", git asks its credential helper (in a path "@" is %40)';
    if (/[?#;]/.test(rest)) return 'must not hold a query, which may be a secret';
  }
  const [authority = '', ...path] = rest.split('/');
  const at = authority.lastIndexOf('@');
  if (authority.slice(0, at + 1).includes(':') || path.join('/').includes('@'))
    return 'must not hold a password: leave it out, ssh has keys (in a path "@" is %40)';
  return HOST.test(authority.slice(at + 1)) ? undefined : 'must name a host, and a port only as a number';
}

/** `host:path` as ssh has it, or a directory from the root. */
function pathProblem(url: string): string | undefined {
  if (url.startsWith('/')) return undefined;
  const [host = '', ...path] = url.split(':');
  if (path.length === 0 || host.includes('/'))
    return 'must be a URL, host:path, or a directory from the root';
  if (SCHEMES.includes(host.toLowerCase())) return `must begin with ${host.toLowerCase()}://`;
  if (path.some((part) => part.includes('@')))
    return 'must not hold a password: leave it out, ssh has keys (a path with "@" needs ssh://)';
  const user = host.includes('@') ? host.slice(0, host.lastIndexOf('@')) : '';
  if (/^-|@-/.test(host)) return 'must not hold a host that begins with "-"';
  return user.includes('@') ? 'must not hold more than one "@" before the host' : undefined;
}
