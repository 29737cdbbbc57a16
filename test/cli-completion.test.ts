/** Completion in a real shell, of what a real node has. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

describe('completion', () => {
  let skein: Skein;
  afterEach(() => skein.destroy());

  /** What bash offers for the last of the words, which it cuts as it does on a command line. */
  function inBash(...words: string[]): string[] {
    const script = `skein() { "${process.execPath}" "${skein.bundle}" "$@"; }
      command() { "$@"; }
      eval "$(skein completion bash)"
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _skein; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const done = spawnSync('bash', ['-c', script, 'bash', ...words], { env: skein.env, encoding: 'utf8' });
    expect([done.status, done.stderr]).toEqual([0, '']);
    return done.stdout.split('\n').filter((line) => line !== '');
  }

  test('bash is offered commands, options, and the sessions that there are', () => {
    skein = new Skein();
    for (const name of ['api', 'apply', 'web']) skein.run('run', '-d', '--name', name, '--', 'cat');
    expect(inBash('skein', 'att')).toEqual(['attach']);
    expect(inBash('skein', 'attach', 'ap')).toEqual(['api', 'apply']);
    expect(inBash('skein', 'kill', 'api', '--sig')).toEqual(['--signal']);
    expect(inBash('skein', 'export', 'api', '--format', '=', 'j')).toEqual(['jsonl']);
    expect(inBash('skein', 'run', '-C', '/us')).toEqual(['/usr']);
    expect(inBash('skein', 'attach', 'laptop', ':', 'ap')).toEqual([]);
    const found = skein.run('completion', '--json', 'words', '--', 'attach', 'w');
    expect(JSON.parse(found)).toEqual([{ word: 'web', summary: 'running' }]);
  });

  test('no node is started for it', () => {
    skein = new Skein();
    expect(inBash('skein', 'attach', '')).toEqual([]);
    expect(existsSync(join(skein.home, 'node.json'))).toBe(false);
    const refused = skein.try(['completion', 'tcsh']);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
  });
});
