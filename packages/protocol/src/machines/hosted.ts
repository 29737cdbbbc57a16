/** What a hosted session knows of its home, as a pure function of its events (rules L5, X2, X3). */
import type { StoredEvent } from '../sessions/events.ts';
import type { HostedEvents } from './events.ts';

type Body<K extends keyof HostedEvents> = HostedEvents[K];

export interface HomeAsk {
  ask: string;
  kind: Body<'home.asked'>['kind'];
  body: unknown;
  at: number;
}

export interface Hosted extends Body<'session.hosted'> {
  /** The present lease, or the last; 0 before the first. */
  epoch: number;
  /** Who took it, and the device that they are. */
  taker: string;
  by: string;
  /** Why there is none now. */
  ended: Body<'lease.ended'>['why'] | null;
  /** The last that home told and was heard. */
  heard: number;
  /** What was asked of home and is open, in order. */
  asks: HomeAsk[];
}

/** Null for a session that is at home. */
export interface HostedPart {
  hosted: Hosted | null;
}

export const NOT_HOSTED: HostedPart = { hosted: null };

/** The state after one more event. Never changes the state it is given. */
export function reduceHosted<S extends HostedPart>(state: S, { type, body, at }: StoredEvent): S {
  if (type === 'session.hosted') {
    const none = { epoch: 0, taker: '', by: '', ended: null, heard: 0, asks: [] };
    return { ...state, hosted: { ...(body as Body<'session.hosted'>), ...none } };
  }
  const { hosted } = state;
  if (hosted === null) return state;
  const now = (change: Partial<Hosted>): S => ({ ...state, hosted: { ...hosted, ...change } });
  switch (type as keyof HostedEvents) {
    case 'lease.taken':
      return now({ ...(body as Body<'lease.taken'>), ended: null });
    case 'lease.ended':
      return now({ ended: (body as Body<'lease.ended'>).why });
    case 'home.heard':
      return now({ heard: (body as Body<'home.heard'>).n });
    case 'home.asked':
      return now({ asks: [...hosted.asks, { ...(body as Body<'home.asked'>), at }] });
    case 'home.answered': {
      const { ask } = body as Body<'home.answered'>;
      return now({ asks: hosted.asks.filter((one) => one.ask !== ask) });
    }
    default:
      return state;
  }
}
