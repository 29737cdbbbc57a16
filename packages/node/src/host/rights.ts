/** One-time rights (rule H1): a token that lets its holder connect once, to one run, in one role, for half a minute. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import { RIGHT_TTL_MS } from '@skein/protocol/limits';

export interface Right {
  run: string;
  role: 'read' | 'write';
  /** Whose it is, in the node's words: told back to it, and to nobody else. */
  who: string;
  /** The first byte of output that may be read. */
  floor: number;
}

/** How many unused rights a host holds; the oldest go first. */
const MAX_RIGHTS = 1024;

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether a secret is the one that was hashed, in constant time. */
export function matches(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), Buffer.from(hash, 'hex'));
}

export class Rights {
  readonly #now: () => number;
  readonly #rights = new Map<string, Right & { until: number }>();

  /** The clock only ever goes forward: a right's half minute is not cut short or drawn out when somebody sets the time. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Grants a right to whoever shows the token with this hash. Only the hash is kept. */
  grant(hash: string, right: Right): void {
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new SkeinError('bad_request', 'A right is granted by the sha256 of its token.');
    const now = this.#now();
    for (const [key, held] of this.#rights) {
      if (held.until > now && this.#rights.size < MAX_RIGHTS) break;
      this.#rights.delete(key);
    }
    this.#rights.set(hash, { ...right, until: now + RIGHT_TTL_MS });
  }

  /** Uses a right up. The look-up is by hash, so its time tells nothing of the token. */
  use(token: string): Right {
    const hash = hashOf(token);
    const right = this.#rights.get(hash);
    if (right === undefined)
      throw new SkeinError(
        'right_invalid',
        'This right is not known here, or was used already: ask the node for another.',
      );
    this.#rights.delete(hash);
    if (right.until <= this.#now())
      throw new SkeinError('right_expired', 'This right has expired: ask the node for another.');
    const { run, role, who, floor } = right;
    return { run, role, who, floor };
  }
}
