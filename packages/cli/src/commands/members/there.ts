/** Who is attached, as far as what a node answered makes sense: that of another machine may be of any version, or mean harm. */
import type { Attached } from '@skein/protocol/sessions/asks';

export function attachedIn(answer: unknown): Attached[] {
  const told = (answer as { attached?: unknown } | null | undefined)?.attached;
  return Array.isArray(told) ? told.filter(isAttached) : [];
}

function isAttached(one: Partial<Attached> | null): one is Attached {
  const who = one?.who;
  if (typeof who !== 'object' || who === null || typeof one?.count !== 'number') return false;
  return who.kind !== 'member' || typeof who.name === 'string';
}
