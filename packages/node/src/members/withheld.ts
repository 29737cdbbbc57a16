/**
 * What a device may not read of a session's events, replaced by a placeholder in its place (rule M2): offsets stay whole, and
 * the hash lets a later reader hold what it is given against what was withheld.
 */
import { createHash } from 'node:crypto';
import { maySee } from '@skein/protocol/members/roles';
import type { Standing } from '@skein/protocol/members/state';
import { WITHHELD, type WithheldBody } from '@skein/protocol/sessions/events';
import { concat, eventBounds, owned, pack } from '../kernel/codec.ts';
import type { LogEvent, Page } from '../kernel/types.ts';

/** Whether somebody may read the event at an offset. */
type Sees = (offset: number, event: Pick<LogEvent, 'type'>) => boolean;

export function seesAs({ role, history, from }: Pick<Standing, 'role' | 'history' | 'from'>): Sees {
  return (offset, { type }) => (history === 'all' || offset >= from) && maySee(role, type);
}

/** The same page for that reader. What may be read is passed on byte by byte as it is stored. */
export function withhold(page: Page, sees: Sees): Page {
  const parts: Uint8Array[] = [];
  let size = 0;
  let offset = page.first;
  let whole = true;
  for (const { event, bytes } of eventBounds(page.data)) {
    const seen = sees(offset++, event);
    whole &&= seen;
    const part = seen ? bytes : owned(pack(placeholder(bytes)));
    parts.push(part);
    size += part.length;
  }
  return whole ? page : { ...page, data: concat(parts, size) };
}

function placeholder(bytes: Uint8Array): LogEvent {
  const body: WithheldBody = { hash: createHash('sha256').update(bytes).digest('hex') };
  // Not even when it was, or who did it.
  return { type: WITHHELD, at: 0, by: null, body };
}
