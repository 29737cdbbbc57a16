/** What a session knows of its agents on other machines, as a pure function of its events (rules L5, X1–X3). */
import type { StoredEvent } from '../sessions/events.ts';
import type { FarEvents } from './events.ts';
import type { HomeAsk } from './hosted.ts';
import type { Away, ClaimsAway } from './policies.ts';

type Body<K extends keyof FarEvents> = FarEvents[K];

/** Told, and not known to be heard. */
export interface Unheard {
  n: number;
  type: string;
  body: unknown;
}

export interface Far {
  peer: string;
  node: string;
  /** The hosted session; null until the worker has admitted it. */
  session: string | null;
  term: number;
  away: Away;
  claims: ClaimsAway;
  /** The epoch that was asked for last, under which name, and whether it was got. */
  epoch: number;
  taker: string;
  leased: boolean;
  /** The last that had been told when it was asked for; and what is to be told once it is got. */
  before: number;
  wish: { type: string; body: unknown } | null;
  /** Why there is no lease, where there was one. */
  unleased: string | null;
  /** The last that was told, and what of it is not heard yet, in order. */
  n: number;
  unheard: Unheard[];
  /** The prompt that was handed over last: it stays in the queue here until the agent begins with it. */
  given: string | null;
  /** What it asks and was not answered yet, in order. */
  asks: HomeAsk[];
  /** Up to where the worker's events are copied; null before the first. */
  cursor: { epoch: number; offset: number } | null;
  link: Body<'far.link'>['link'];
  why: string | null;
  /** When it was last otherwise, milliseconds since 1970. */
  since: number;
}

export interface FarPart {
  /** By agent. */
  far: Record<string, Far>;
}

export const NO_FAR: FarPart = { far: {} };

/** The state after one more event. Never changes the state it is given. */
export function reduceFar<S extends FarPart>(state: S, event: StoredEvent): S {
  const { type, at } = event;
  if (type === 'far.wanted') {
    const { agent, peer, node } = event.body as Body<'far.wanted'>;
    const one: Far = {
      ...{ peer, node, session: null, term: 0, away: 'stop', claims: 'hold' },
      ...{ epoch: 0, taker: '', leased: false, before: 0, wish: null, unleased: null },
      ...{ n: 0, unheard: [], given: null, asks: [], cursor: null },
      ...{ link: 'placing', why: null, since: at },
    };
    return { ...state, far: { ...state.far, [agent]: one } };
  }
  const id = event.source?.agent ?? (event.body as { agent?: unknown } | null)?.agent;
  if (typeof id !== 'string' || !Object.hasOwn(state.far, id)) return state;
  const far = state.far[id] as Far;
  if (type === 'agent.removed') {
    const { [id]: _, ...others } = state.far;
    return { ...state, far: others };
  }
  const { source } = event;
  const copied = source && { cursor: { epoch: source.epoch, offset: source.offset } };
  const changed = changeOf(far, event);
  const change = copied === undefined ? changed : { ...copied, ...changed };
  return change === undefined ? state : { ...state, far: { ...state.far, [id]: { ...far, ...change } } };
}

function changeOf(far: Far, { type, body, at }: StoredEvent): Partial<Far> | undefined {
  switch (type as keyof FarEvents) {
    case 'far.placed': {
      const { session, term, away, claims } = body as Body<'far.placed'>;
      return { session, term, away, claims };
    }
    case 'far.leasing': {
      const { epoch, taker, wish = null } = body as Body<'far.leasing'>;
      return { epoch, taker, leased: false, unleased: null, before: far.n, wish };
    }
    case 'far.leased':
      return { leased: true, wish: null, ...numbered(far, (body as Body<'far.leased'>).heard) };
    case 'far.unleased': {
      // Another has commanded it since: what was to be told is not said into that one's words.
      const { epoch, why } = body as Body<'far.unleased'>;
      const lost = far.unheard.some(({ type: told }) => told === 'prompt.queue');
      return {
        ...{ epoch, leased: false, wish: null, unheard: [], unleased: why },
        ...(lost ? { given: null } : {}),
      };
    }
    case 'far.told': {
      const { n, type: told, body: what } = body as Body<'far.told'>;
      const given = told === 'prompt.queue' ? { given: (what as { prompt: string }).prompt } : {};
      return { n, unheard: [...far.unheard, { n, type: told, body: what }], ...given };
    }
    case 'far.heard': {
      const { n, error } = body as Body<'far.heard'>;
      const heard = { n: Math.max(n, far.n), unheard: far.unheard.filter((one) => one.n > n) };
      // What was refused because it had ended is still to be handed over.
      const one = far.unheard.find((told) => told.n === n);
      const again = error?.code === 'not_running' && one?.type === 'prompt.queue';
      return again ? { ...heard, given: null } : heard;
    }
    case 'far.asked': {
      const { ask, kind, body: what } = body as Body<'far.asked'>;
      return { asks: [...far.asks, { ask, kind, body: what, at }] };
    }
    case 'far.answered': {
      const { ask } = body as Body<'far.answered'>;
      return { asks: far.asks.filter((one) => one.ask !== ask) };
    }
    case 'far.copied': {
      const { epoch, offset } = body as Body<'far.copied'>;
      return { cursor: { epoch, offset } };
    }
    case 'far.gap': {
      const { epoch, offset } = body as Body<'far.gap'>;
      return { cursor: { epoch, offset } };
    }
    case 'far.link': {
      const { link, why } = body as Body<'far.link'>;
      // That its lease has run out is no reason to have been away for less long.
      return { link, why: why ?? null, since: far.link === 'down' && link === 'ended' ? far.since : at };
    }
    default:
      return undefined;
  }
}

/**
 * What is not heard yet, numbered from the last that the worker has heard. Where it has heard more than had been told when the lease was
 * asked for, that was told by a home of which this one knows nothing, being restored from a copy.
 */
function numbered({ before, unheard }: Far, heard: number): Pick<Far, 'n' | 'unheard'> {
  const left = unheard.filter(({ n }) => n > Math.min(heard, before));
  return { n: heard + left.length, unheard: left.map((one, i) => ({ ...one, n: heard + 1 + i })) };
}
