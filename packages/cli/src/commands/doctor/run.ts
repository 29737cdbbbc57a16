/** Runs every check and tells what each found. */

import { table } from '@skein/protocol/text/table';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import type { Check } from './check.ts';
import { checkDisk, checkHome, checkNative, checkRuntime, checkTerminal } from './local-checks.ts';
import { checkNode } from './node-checks.ts';

export async function run(call: Call): Promise<number> {
  const { home } = call;
  const [native, node] = await Promise.all([checkNative(), checkNode(home)]);
  const checks: Check[] = [
    checkRuntime(),
    native,
    checkHome(home),
    checkDisk(home),
    ...node,
    checkTerminal(),
  ];
  const good = checks.every((check) => check.state !== 'fail');
  if (call.json) printJson({ ok: good, checks });
  else print(describe(checks, call.flag('no-color')));
  return good ? 0 : 1;
}

function describe(checks: readonly Check[], noColor: boolean): string {
  const paint = paintFor(noColor);
  const colours = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  return table(
    checks.flatMap(({ name, state, message, advice }) => {
      const row = [{ text: state, paint: colours[state] }, { text: name }, { text: message }];
      return advice === null ? [row] : [row, [{ text: '' }, { text: '' }, { text: `→ ${advice}` }]];
    }),
  );
}
