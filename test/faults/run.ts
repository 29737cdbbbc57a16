/**
 * The fault tests: `npm run faults`, or some of them: `npm run faults -- --count 100 --seed 7 F1 F3`.
 *
 * Prints each fault's count, seed and figures as a table, or with `--json` one JSON line a fault. Exits with 1 when a
 * fault broke something. What must hold under each is in its module's first sentence.
 */
import { argumentsOf, misused, wholeNumber } from '../../scripts/arguments.ts';
import { FAULTS } from './all.ts';
import type { FaultResult } from './fault.ts';

const { values, positionals } = argumentsOf({
  json: { type: 'boolean', default: false },
  count: { type: 'string' },
  seed: { type: 'string' },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
});

if (values.help) {
  const rows = FAULTS.map(({ id, what, large }) => `  ${id.padEnd(4)} ${String(large).padStart(7)}  ${what}`);
  process.stdout.write(`Brings about faults, and says what held.

  npm run faults                                 all of them, which takes hours
  npm run faults -- F1 F3                        some
  npm run faults -- --count 100 --seed 7 F1      so often, and the same again
  npm run faults -- --json F8                    one JSON line a fault
  npm run faults -- --verbose F4                 tells what it does, a line each

${rows.join('\n')}
`);
  process.exit(0);
}

const wanted = positionals.map((word) => word.toUpperCase());
const unknown = wanted.filter((id) => !FAULTS.some((fault) => fault.id === id));
if (unknown.length > 0)
  misused(`no such fault: ${unknown.join(', ')}; there are ${FAULTS.map(({ id }) => id).join(', ')}`);
const count = wholeNumber('count', values.count);
if (count === 0) misused('--count is one or more.');
const seed = wholeNumber('seed', values.seed) ?? Date.now() % 1_000_000_000;

let failed = false;
for (const { id, large, run } of FAULTS) {
  if (wanted.length > 0 && !wanted.includes(id)) continue;
  const began = performance.now();
  const log = (line: string) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
    else if (values.verbose && line !== '') process.stderr.write(`${line}\n`);
  };
  const result = await run({ count: count ?? large, seed, timing: true, log }).catch(
    (error: Error): FaultResult => ({
      id,
      runs: 0,
      failures: [`it broke off: ${error.stack ?? error.message}`],
      seed,
      figures: {},
      skipped: [],
    }),
  );
  log('');
  failed ||= result.failures.length > 0;
  print(result, Math.round((performance.now() - began) / 1000));
}
process.exit(failed ? 1 : 0);

function print(result: FaultResult, seconds: number): void {
  const { id, runs, failures, figures, skipped } = result;
  if (values.json) {
    const { figures: _, skipped: left, ...rest } = result;
    const line =
      left.length > 0 ? { ...rest, seconds, ...figures, skipped: left } : { ...rest, seconds, ...figures };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  const held = failures.length === 0 ? 'held' : `${failures.length} FAILED`;
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(
    `${id.padEnd(4)} ${String(runs).padStart(7)} runs  ${held.padEnd(10)} seed ${result.seed}  ${seconds} s  ${told.join(', ')}\n`,
  );
  for (const reason of skipped) process.stdout.write(`       skipped: ${reason}\n`);
  for (const failure of failures) process.stdout.write(`       ${failure}\n`);
}
