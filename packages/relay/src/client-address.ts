/** Where a connection comes from, as far as limits are concerned. */
import net from 'node:net';

/** Bits of an IPv6 address that one customer has for themselves; in groups of 16. */
const NETWORK_GROUPS = 4;
/** And at most, as where they have asked for more. */
const SITE_GROUPS = 3;

/**
 * The address that limits count by: IPv4 whole, IPv6 by its network. Undefined for what is not counted: a loopback
 * address is a proxy's or one's own.
 */
export function limitKey(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const plain = address.startsWith('::ffff:') && net.isIPv4(address.slice(7)) ? address.slice(7) : address;
  if (net.isIPv4(plain)) return plain.startsWith('127.') ? undefined : plain;
  const bare = plain.split('%')[0] as string;
  if (!net.isIPv6(bare)) return undefined;
  if (bare === '::1') return undefined;
  return `${groups(bare).slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** Who may be one behind a key of these: as the key, IPv6 by the largest network that one customer is given. */
export function originOf(key: string): string {
  return key.includes(':') ? `${key.split(':').slice(0, SITE_GROUPS).join(':')}::/48` : key;
}

/** The eight groups, without leading zeros; an IPv4 tail counts as two. */
function groups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const cut = (part: string) =>
    part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : group));
  const before = head === '' ? [] : cut(head);
  const after = tail === undefined || tail === '' ? [] : cut(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
}

/**
 * The client as a proxy tells it: the last address of X-Forwarded-For is the one that the proxy itself saw; those before
 * it are what the client claims. Some proxies say its port as well. Undefined when there is none.
 */
export function forwardedFor(header: string | string[] | undefined): string | undefined {
  const whole = Array.isArray(header) ? header.join(',') : header;
  const last = whole?.split(',').at(-1)?.trim() ?? '';
  // `[2001:db8::9]:443`, `198.51.100.9:443`; an IPv6 address without brackets has no port.
  const [, inBrackets, plain] = /^\[([^\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(last) ?? [];
  const address = inBrackets ?? plain ?? last;
  return net.isIP(address) !== 0 ? address : undefined;
}
