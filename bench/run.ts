/**
 * The benchmarks: `npm run bench`, or some rows: `npm run bench -- --quick P1 P5`.
 *
 * Prints a table, or with `--json` one JSON line a row; `--out FILE` writes both the machine and the rows. A missing
 * peer or a target that is missed is told in the row; it fails nothing.
 */
import { writeFileSync } from 'node:fs';
import { argumentsOf, misused } from '../scripts/arguments.ts';
import { FAMILIES } from './families.ts';
import { describeMachine } from './lib/machine.ts';
import type { Row } from './lib/row.ts';
import { table } from './lib/table.ts';
import { endAll } from './lib/teardown.ts';

const { values, positionals } = argumentsOf({
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  out: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
});

const known = [...new Set(FAMILIES.flatMap((family) => family.ids))];
if (values.help) {
  process.stdout.write(`Measures Skein beside its peers, in one run on this machine; docs/BENCHMARKS.md says what each row is.

  npm run bench                          all rows
  npm run bench -- P1 P5                 some
  npm run bench -- --quick               fewer rounds: for a look, not for a figure
  npm run bench -- --json P6             one JSON line a row
  npm run bench -- --out FILE            the machine and the rows, as JSON

Rows: ${known.join(', ')}
`);
  process.exit(0);
}
const wanted = positionals.map((word) => word.toUpperCase().replace(/B$/, 'b'));
const unknown = wanted.filter((id) => !known.includes(id));
if (unknown.length > 0) misused(`no such row: ${unknown.join(', ')}; there are ${known.join(', ')}`);

const say = (line: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
};

const rows: Row[] = [];
for (const family of FAMILIES) {
  if (wanted.length > 0 && !family.ids.some((id) => wanted.includes(id))) continue;
  const found = await family.run({ quick: values.quick, say });
  endAll();
  say('');
  for (const row of found) {
    if (wanted.length > 0 && !wanted.includes(row.id)) continue;
    rows.push(row);
    if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}
if (!values.json) process.stdout.write(table(rows));
if (values.out !== undefined) {
  const report = { at: new Date().toISOString(), quick: values.quick, machine: describeMachine(), rows };
  writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
}
process.exit(0);
