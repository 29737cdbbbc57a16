/** That a denied command is found however it is wrapped, and that what could hide one is asked about (rule A5). */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { findCommand } from './denied.ts';

const find = (command: string) => findCommand(['rm *', 'git push*', 'make'], command);

const cases = fs
  .readFileSync(new URL('denied.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n');

test.each(cases.map((line) => line.split(/ +(.*)/)))('[A5] %s: %s', (wanted, command) => {
  expect(find(command?.replaceAll('⏎', '\n') ?? '')).toBe(wanted);
});

test('[A5] one that is too long to be looked into is not known', () => {
  expect(find(`x ${'a '.repeat(300)}`)).toBe('unknown');
  expect(find(`x ${'a'.repeat(5_000)}`)).toBe('unknown');
  expect(find(`rm ${'a '.repeat(5_000)}`)).toBe('yes');
  expect(find('')).toBe('no');
});

/** Programs as they are in most systems, and the one that is denied: it tells where it was run. */
function place(): { run: (shell: string, command: string) => boolean } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'skein-denied-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  const bin = path.join(dir, 'bin');
  const work = path.join(dir, 'work');
  const proof = path.join(dir, 'proof');
  for (const one of [bin, work]) fs.mkdirSync(one);
  const tools = ['env', 'nice', 'timeout', 'xargs', 'sh', 'bash', 'find', 'setsid', 'true', 'echo'];
  for (const one of tools) {
    const from = ['/usr/bin', '/bin']
      .map((where) => path.join(where, one))
      .find((file) => fs.existsSync(file));
    if (from !== undefined) fs.symlinkSync(from, path.join(bin, one));
  }
  fs.writeFileSync(path.join(bin, 'wipe'), `#!/bin/sh\n: > '${proof}'\n`, { mode: 0o755 });
  const options = { cwd: work, env: { PATH: bin, HOME: work }, stdio: 'ignore', timeout: 10_000 } as const;
  return {
    run: (shell, command) => {
      fs.rmSync(proof, { force: true });
      try {
        execFileSync(`/bin/${shell}`, ['-c', command], options);
      } catch {
        // Most of what is tried is no command at all.
      }
      return fs.existsSync(proof);
    },
  };
}

test('[A5] nothing that a shell makes the denied command of passes for harmless', () => {
  const { run } = place();
  const wrapped = [
    ...'wipe x wi pe env nice -n 5 timeout xargs sh bash -c -lc -ec find . -exec + nohup setsid command exec'.split(
      ' ',
    ),
    ..."eval time -- -i -S A=1 A=wipe true echo ; && | $A $( ) ` { } ! ' \" \\ '' * # > <<< if then fi".split(
      ' ',
    ),
    ...['../bin/wipe', '../bin/w?pe', '../bin/*', "'wipe x'", '"wipe x"', '\n'],
  ];
  const piece = fc.tuple(fc.constantFrom(...wrapped), fc.constantFrom(' ', ' ', ' ', ''));
  const text = fc.array(piece, { minLength: 1, maxLength: 7 });
  // Half of them end with what is denied, so that it is run often enough.
  const ending = fc.constantFrom('', '', 'wipe x', "'wipe x'", 'wipe', '"wi""pe" x');
  let proven = 0;
  fc.assert(
    fc.property(text, ending, fc.constantFrom('sh', 'bash'), (pieces, end, shell) => {
      const command = pieces.flat().join('') + end;
      if (findCommand(['wipe*'], command) !== 'no') return;
      proven += 1;
      expect(run(shell, command)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
  expect(proven).toBeGreaterThan(20);
});

test('[A5] what is denied stays so behind any number of wrappings', () => {
  const prefixes =
    'sudo/sudo -n/sudo -u me/doas/env/env -i/env A=1/A=1/nice -n 5/timeout 5/command/exec -a b/nohup/time -p/xargs' +
    '/busybox/chroot ./setsid/ssh host/stdbuf -oL/true &&/a |/git status;';
  const prefix = fc.constantFrom(...prefixes.split('/'));
  const shell = fc.constantFrom('sh -c', 'bash -lc', 'bash -e -c', 'sudo bash --norc -c', 'eval');
  const denied = fc.constantFrom('rm x', '/bin/rm -rf x', 'git push', 'git -C . push');
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 5 }), fc.option(shell), denied, (prefixes, inside, command) => {
      const inner = [...prefixes, command].join(' ');
      expect(find(inside === null ? inner : `${inside} '${inner}'`)).toBe('yes');
    }),
  );
});

test('[A5] a long command is taken apart once, however many rules look through it', () => {
  const took = (command: string, rules: number) => {
    const began = performance.now();
    for (let n = 0; n < rules; n++) findCommand([`tool${n} *`], command);
    return performance.now() - began;
  };
  const text = (end: string) => `cat > file <<EOF\n${'some words; of (a file)\n'.repeat(1_000)}${end}\nEOF`;
  took(text('first'), 1);
  expect(took(text('many'), 300)).toBeLessThan(25 * took(text('one'), 1));
});
