/** The results of checks as text for people. */
import { table } from '@skein/protocol/text/table';
import { paintFor } from '../../output/paint.ts';
import type { Check } from './check.ts';

export function describeChecks(checks: readonly Check[], noColor: boolean): string {
  const paint = paintFor(noColor);
  const colours = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  return table(
    checks.flatMap(({ name, state, message, advice }) => {
      const row = [{ text: state, paint: colours[state] }, { text: name }, { text: message }];
      return advice === null ? [row] : [row, [{ text: '' }, { text: '' }, { text: `→ ${advice}` }]];
    }),
  );
}
