/** Counts of tokens and costs, as people read them. Pure. */
import type { Totals } from '@skein/protocol/agents/usage';
import { visible } from '@skein/protocol/text/words';

/** `950`, `12.3k`, `4.1M`. */
export function countText(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 999_500) return `${(count / 1_000).toFixed(count < 99_950 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** `$0.0123`, or what else was paid in, which is the agent's own word; `-` for nothing told. */
export function costText(cost: Totals['cost']): string {
  const all = Object.entries(cost).map(([currency, amount]) => {
    const digits = amount > 0 && amount < 0.1 ? 4 : 2;
    return currency === 'USD'
      ? `$${amount.toFixed(digits)}`
      : `${amount.toFixed(digits)} ${visible(currency)}`;
  });
  return all.length === 0 ? '-' : all.join(' + ');
}

/** Tokens that went in, whether they were cached or not. */
export function inputOf({ input, cacheRead, cacheWrite }: Totals): number {
  return input + cacheRead + cacheWrite;
}
