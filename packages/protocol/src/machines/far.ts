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
  /** Why there is no lease, where there was one. */
  unleased: string | null;
  /** The last that was told, and what of it is not heard yet, in order. */
  n: number;
  unheard: Unheard[];
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
      ...{ epoch: 0, taker: '', leased: false, unleased: null, n: 0, unheard: [], asks: [], cursor: null },
      ...{ link: 'placing', why: null, since: at },
    };
    return { ...state, far: { ...state.far, [agent]: one } };
  }
  const id = (event.body as { agent?: unknown } | null)?.agent;
  if (typeof id !== 'string' || !Object.hasOwn(state.far, id)) return state;
  const far = state.far[id] as Far;
  if (type === 'agent.removed') {
    const { [id]: _, ...others } = state.far;
    return { ...state, far: others };
  }
  const change = changeOf(far, event);
  return change === undefined ? state : { ...state, far: { ...state.far, [id]: { ...far, ...change } } };
}

function changeOf(far: Far, { type, body, at }: StoredEvent): Partial<Far> | undefined {
  switch (type as keyof FarEvents) {
    case 'far.placed': {
      const { session, term, away, claims } = body as Body<'far.placed'>;
      return { session, term, away, claims };
    }
    case 'far.leasing': {
      const { epoch, taker } = body as Body<'far.leasing'>;
      return { epoch, taker, leased: false };
    }
    case 'far.leased':
      return { leased: true, unleased: null };
    case 'far.unleased':
      return { leased: false, unleased: (body as Body<'far.unleased'>).why };
    case 'far.told': {
      const { n, type: told, body: what } = body as Body<'far.told'>;
      return { n, unheard: [...far.unheard, { n, type: told, body: what }] };
    }
    case 'far.heard': {
      const { n } = body as Body<'far.heard'>;
      return { unheard: far.unheard.filter((one) => one.n > n) };
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
      return { link, why: why ?? null, since: at };
    }
    default:
      return undefined;
  }
}
