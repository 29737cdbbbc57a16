/**
 * Everything that must hold before a change goes in, stopping at the first that does not: format and lint, types,
 * build, tests. Its words go to the tests.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);

const steps: readonly { name: string; command: string; words: string[] }[] = [
  { name: 'format and lint', command: bin('biome'), words: ['ci', '.'] },
  { name: 'types', command: bin('tsc'), words: ['-p', ROOT] },
  { name: 'build', command: process.execPath, words: [join(ROOT, 'scripts/build.ts')] },
  {
    name: 'tests',
    command: process.execPath,
    words: [join(ROOT, 'scripts/test.ts'), ...process.argv.slice(2)],
  },
];

const lines: string[] = [];
let failed = false;
for (const { name, command, words } of steps) {
  if (failed) {
    lines.push(`  ${name.padEnd(16)} not run`);
    continue;
  }
  process.stdout.write(`\n== ${name}\n`);
  const began = performance.now();
  const { status } = spawnSync(command, words, { cwd: ROOT, stdio: 'inherit' });
  const took = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  failed = status !== 0;
  lines.push(`  ${name.padEnd(16)} ${(failed ? 'FAILED' : 'ok').padEnd(7)} ${took}`);
}
process.stdout.write(`\n== verify: ${failed ? 'FAILED' : 'ok'}\n${lines.join('\n')}\n`);
process.exitCode = failed ? 1 : 0;
