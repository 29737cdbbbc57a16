/** The past of a resumed thread, told as turns. */
import type { TurnEnd } from '@skein/protocol/agents/events';
import type { Draft } from '../draft.ts';
import { onItem } from './items.ts';
import type { CodexState } from './state.ts';
import * as wire from './wire.ts';

const ENDS: Record<string, Exclude<TurnEnd, 'lost'>> = {
  completed: 'done',
  interrupted: 'cancelled',
  failed: 'failed',
};

export function endOf(status: string | null | undefined): Exclude<TurnEnd, 'lost'> {
  return status && Object.hasOwn(ENDS, status) ? (ENDS[status] ?? 'failed') : 'failed';
}

export function tellHistory(d: Draft<CodexState>, turns: readonly unknown[]): void {
  for (const raw of turns) {
    const parsed = wire.turn.safeParse(raw);
    if (!parsed.success) {
      d.note('turn', JSON.stringify(raw));
      continue;
    }
    d.startTurn(null, true);
    for (const one of parsed.data.items) tellItem(d, one);
    d.endTurn(endOf(parsed.data.status), parsed.data.status ?? undefined);
  }
}

function tellItem(d: Draft<CodexState>, raw: unknown): void {
  const item = wire.item.safeParse(raw);
  if (item.success && item.data.type === 'userMessage') {
    const said = item.data.content.flatMap((part) => part.text ?? []).join('\n');
    d.say('message', said, { from: 'user', key: item.data.id });
    d.closeItem();
  } else if (item.success) onItem(d, 'completed', item.data, '');
  else d.note('item', JSON.stringify(raw));
}
