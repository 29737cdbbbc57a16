/** Programs in a sandbox, by the real `skein`: they write what they claim, and nobody gets that while they live (rules W2, W4). */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { needs } from './support/needs.ts';
import { until } from './support/processes.ts';

interface Listed {
  claims: { claim: string; globs: string[]; holder: { name: string } }[];
}
interface Shown {
  inside: { name: string; strength: { files: string; shell: string } }[];
}

let skein: Skein;
let dir: string;

beforeAll(() => {
  skein = new Skein();
  dir = mkdtempSync(join(tmpdir(), 'skein-sandboxed-'));
  mkdirSync(join(dir, 'src'));
  for (const file of ['src/a', 'b', 'c']) writeFileSync(join(dir, file), 'before\n');
  skein.run('workspace', 'create', 'local', dir, '--name', 'w');
}, 60_000);

afterAll(() => {
  skein.destroy();
  rmSync(dir, { recursive: true, force: true });
});

const text = (file: string) => readFileSync(join(dir, file), 'utf8');
const box = (globs: string[], ...words: string[]) => [
  ...['run', '--workspace', 'w', '--sandbox', ...globs.flatMap((glob) => ['--claim', glob])],
  ...words,
];

needs('bwrap')('a sandbox', () => {
  test('[W4] a program writes what it claims; its claims end with it, and its status is told', () => {
    const script = 'echo new > src/a; echo new > src/n; echo new > b; exit 3';
    const { status, stdout } = skein.try(box(['src/**'], '--', 'sh', '-c', script));
    expect(stdout).toMatch(/b: Read-only file system/);
    expect([status, text('src/a'), text('src/n'), text('b')]).toEqual([3, 'new\n', 'new\n', 'before\n']);
    expect(skein.json<Listed>('claims', 'w').claims).toEqual([]);
  });

  test('[W2] what it has claimed nobody gets while it lives: not given back, only stolen, which ends it', async () => {
    // It heeds no signal but the one that ends all.
    const held = `trap "echo term > src/term; exit 9" TERM; echo ready; while :; do sleep 0.1; done`;
    skein.run(...box(['src/**'], '-d', '--name', 'boxed', '--', 'sh', '-c', held));
    const shown = skein.json<Shown>('workspace', 'show', 'w').inside;
    expect(shown).toMatchObject([{ name: 'boxed', strength: { files: 'enforced', shell: 'enforced' } }]);
    expect(skein.try(['claim', 'w', 'src/a', '--for', 'me']).stderr).toContain('(claimed)');
    const released = skein.try(['release', 'w', '--for', 'boxed']);
    expect(released.stderr).toMatch(/sandbox/);
    expect(skein.json<Listed>('claims', 'w').claims).toMatchObject([{ holder: { name: 'boxed' } }]);
    expect(skein.try(box(['src/a'], '--', 'true')).stderr).toContain('(claimed)');
    await until('it is ready', () => skein.run('output', 'boxed').includes('ready'));
    skein.run('claim', 'w', 'src/a', '--for', 'me', '--wait', '--steal', '--reason', 'mine');
    // The signal came to the program itself, which ended as it wished.
    expect(text('src/term')).toBe('term\n');
    skein.run('release', 'w', '--for', 'me');
  }, 60_000);

  test('[W4] a terminal in it is one like any other: interrupts reach the program, and it has its size', async () => {
    const script = `trap 'echo interrupted' INT; stty size; echo ready; until read x; do :; done; echo "got $x"`;
    skein.run(...box(['b'], '-d', '--name', 'tty', '--size', '91x17', '--', 'sh', '-c', script));
    const printed = () => skein.run('output', 'tty');
    await until('it is ready', () => printed().includes('ready'));
    expect(printed()).toContain('17 91');
    skein.run('send', 'tty', '--keys', 'C-c');
    await until('interrupted', () => printed().includes('interrupted'));
    // The processes around it have left the signal alone.
    skein.run('send', 'tty', '--enter', 'more');
    await until('it goes on', () => printed().includes('got more'));
  });

  test('[W4] what cannot be let through is refused, and nothing is left of it', () => {
    expect(skein.try(box(['not-there'], '--', 'true')).stderr).toMatch(
      /not-there is not there.*Make it first/s,
    );
    expect(skein.json<Listed>('claims', 'w').claims).toEqual([]);
    expect(skein.try(['run', '--sandbox', '--', 'true']).stderr).toMatch(/--workspace/);
    expect(skein.try(['run', '--claim', 'x', '--', 'true']).stderr).toMatch(/--sandbox/);
  });

  test('[W4] in a worktree it writes neither its base nor what git keeps there', () => {
    const base = join(dir, 'base');
    mkdirSync(base);
    const git = ['-c', 'user.name=A', '-c', 'user.email=a@b', '-C', base];
    execFileSync('git', [...git, 'init', '-q', '-b', 'main']);
    execFileSync('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'first']);
    skein.run('workspace', 'create', 'local', base, '--name', 'base');
    skein.run('workspace', 'create', 'worktree', 'base', '--name', 'tree');
    const script = `echo x > new; cat new; echo x > ${base}/new; echo x > ${base}/.git/new; git status --porcelain`;
    const words = ['run', '-w', 'tree', '--sandbox', '--claim', '**', '--', 'sh', '-c', script];
    expect(skein.run(...words)).toMatch(/^x\r?\n(.*Read-only file system\r?\n){2}\?\? new/);
  });

  test('[W4] without bubblewrap it is refused, with words how to get it', () => {
    const { status, stderr } = skein.try(box(['b'], '-e', 'PATH=/nowhere', '--', '/bin/true'));
    expect(stderr).toMatch(/bubblewrap.*sudo apt install/s);
    expect(status).toBe(1);
  });
});
