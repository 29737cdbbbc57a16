/** What people are told of an agent on another machine: which that is, and how it fares with it. Pure. */
import { age } from '../text/words.ts';
import type { Far, FarPart } from './far.ts';

/** The agent's part on another machine; undefined for one of this machine, and where a node of before this tells of it. */
export function farIn(state: Partial<FarPart>, agent: string): Far | undefined {
  return state.far !== undefined && Object.hasOwn(state.far, agent) ? state.far[agent] : undefined;
}

/** What stands in the way of its being used from here; undefined for nothing. */
export function awayWords({ link, since, unleased, session, leased }: Far, now: number): string | undefined {
  if (unleased !== null) return 'not commanded from here';
  if (session === null) return link === 'ended' ? undefined : 'being admitted';
  if (link === 'up') return leased ? undefined : 'taking the lease';
  const long = age(Math.max(0, now - since));
  return link === 'ended' ? `away ${long}, its lease has run out` : `away ${long}`;
}

/** Whether it can be forgotten here though it may run there: nothing that is said here reaches it any more, and its lease has run out there. */
export function isLost(far: Pick<Far, 'link' | 'unleased'> | undefined): boolean {
  return far !== undefined && (far.unleased !== null || far.link === 'ended');
}
