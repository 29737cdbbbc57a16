/** Removing what was recorded of sessions, through the real program (rule L8). */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

let skein: Skein;
beforeAll(() => {
  skein = new Skein();
});
afterAll(() => skein.destroy());

/** The files of the log and of runs that hold a word. */
function filesWith(word: string): string {
  const dirs = ['log', 'runs'].map((dir) => join(skein.home, dir));
  return execFileSync('sh', ['-c', 'grep -rla "$0" "$@" || true', word, ...dirs], { encoding: 'utf8' });
}

test('[L8] the record of a session that was only forgotten can be removed later, by its whole id', () => {
  const id = skein.run('run', '-d', '--name', 'first', '--', 'sh', '-c', 'echo CAN""ARY').trim();
  skein.try(['wait', 'first']);
  skein.run('rm', 'first');
  skein.run('restart');
  expect(filesWith('CANARY')).not.toBe('');
  expect(skein.try(['rm', '--purge', id.slice(0, 6)]).status).toBe(3);
  expect(skein.json('rm', '--purge', id)).toEqual([{ id, name: null, purged: true }]);
  skein.run('restart');
  expect(filesWith('CANARY')).toBe('');
  const { status, stderr } = skein.try(['rm', '--purge', id]);
  expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining('not_found') });
});

test('[L8] [K5] nothing is removed when one of several is not known, and names like it are told', () => {
  skein.run('run', '-d', '--name', 'abcdefghijkl', '--', 'cat');
  const { status, stderr } = skein.try(['rm', '-f', '--purge', 'abcdefghijkl', 'abcdefghijkm']);
  expect({ status, stderr }).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('Near: abcdefghijkl'),
  });
  expect(skein.json('rm', '-f', '--purge', 'abcdefghijkl')).toMatchObject([
    { name: 'abcdefghijkl', purged: true },
  ]);
});

test('[L8] nor is anything left of an earlier life of an agent with its own interface, whose next could not be started', () => {
  const program = join(skein.home, '..', 'talks');
  writeFileSync(program, '#!/bin/sh\necho SEC""RET of the first life\n');
  chmodSync(program, 0o700);
  mkdirSync(join(skein.home, 'agents'), { recursive: true, mode: 0o700 });
  const definition = `driver: pty\ncommand: ${program}\nversion: false\nrestart:\n  when: never\n`;
  writeFileSync(join(skein.home, 'agents', 'talker.yaml'), definition);
  skein.run('run', '-d', '--pty', '--name', 'talk', 'talker');
  skein.run('wait', 'talk');
  expect(filesWith('SECRET')).not.toBe('');
  renameSync(program, `${program}.away`);
  expect(skein.try(['restart', 'talk/talker']).status).not.toBe(0);
  skein.try(['wait', 'talk']);
  skein.run('rm', '--purge', 'talk');
  expect(filesWith('SECRET')).toBe('');
});
