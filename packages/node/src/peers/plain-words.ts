/** What keeps nodes and relays from being met, in the words of people rather than of the system (rule K5). Pure. */
import { SkeinError } from '@skein/protocol/errors';

/** The system's names for what went wrong. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nobody listens there'],
  [/ENOTFOUND|EAI_AGAIN/, 'no such host is known'],
  [/EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/, 'there is no way to it'],
  [/ETIMEDOUT|timed? ?out/i, 'no answer'],
  [/certificate's altnames/, 'its certificate is for another name'],
  [
    /certificate has expired|certificate is not yet valid/,
    'its certificate or the clock here is out of date',
  ],
  [
    /self-signed certificate|verify the first certificate|local issuer certificate/,
    'its certificate is by nobody whom this machine trusts',
  ],
  [/ECONNRESET|EPIPE|socket hang up/, 'it hung up'],
];

/** Why something could not be had: the cause where the system names it, else what was said. */
export function plainly(why: string): string {
  return CAUSES.find(([pattern]) => pattern.test(why))?.[1] ?? why.replace(/\.+$/, '');
}

interface Way {
  way: string;
  kind: string;
  why: string;
}

/** A node that cannot be reached is told by its name, with one reason a way; every other error is left as it is. */
export function byName(name: string, thrown: unknown): SkeinError {
  const error = SkeinError.from(thrown);
  if (error.code !== 'peer_unreachable') return error;
  const ways = (Array.isArray(error.data?.ways) ? error.data.ways : []) as Way[];
  const directly = new Set(ways.filter(({ kind }) => kind === 'direct').map(({ why }) => plainly(why)));
  const reasons = [
    ...(directly.size > 0 ? [`not directly (${[...directly].join('; ')})`] : []),
    ...ways.filter(({ kind }) => kind !== 'direct').map(({ way, why }) => `not by ${way} (${relayed(why)})`),
  ];
  const why = reasons.length === 0 ? 'it is known at no address and no relay' : reasons.join(', ');
  return new SkeinError('peer_unreachable', `${name} cannot be reached now: ${why}.`, error.data);
}

function relayed(why: string): string {
  if (/not registered/.test(why)) return 'it is not there';
  // A node that declines at once has used up the token that its caller was given for this dial alone.
  return /node declined|token is not known/.test(why) ? 'it declined' : plainly(why);
}
