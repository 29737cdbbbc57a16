/** Clearing away what ended long ago, through the real program (rule L8). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

let skein: Skein;
beforeEach(() => {
  skein = new Skein();
});
afterEach(() => skein.destroy());

function ended(name: string): string {
  const id = skein.run('run', '-d', '--name', name, '--', 'sh', '-c', 'echo CAN""ARY').trim();
  skein.run('wait', name);
  return id;
}

/** The files of the log and of runs that hold a word. */
function filesWith(word: string): string {
  const dirs = ['log', 'runs'].map((dir) => join(skein.home, dir));
  return execFileSync('sh', ['-c', 'grep -rla "$0" "$@" || true', word, ...dirs], { encoding: 'utf8' });
}

const names = () => skein.json<{ name: string }[]>('ls').map(({ name }) => name);

test('[L8] what ended longer ago than said is forgotten, and with --purge what was forgotten before as well', async () => {
  const first = ended('first');
  const second = ended('second');
  skein.run('run', '-d', '--name', 'runs', '--', 'cat');
  skein.run('rm', 'first');
  expect(skein.json('status')).toMatchObject({ sessions: { total: 2, running: 1, forgotten: 1 } });
  expect(skein.run('status')).toContain('1 forgotten');
  expect(skein.json('prune', '--older', '1h', '--purge')).toEqual([]);
  // Older than a second: the least that can be said.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const both = [
    { id: first, name: null, purged: true },
    { id: second, name: 'second', purged: true },
  ];
  const byId = (all: { id: string }[]) => all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const would = skein.json<{ id: string }[]>('prune', '--older', '1s', '--purge', '--dry-run');
  expect(would).toEqual(byId(both));
  expect(names()).toEqual(['second', 'runs']);
  expect(skein.json('prune', '--older', '1s')).toEqual([{ id: second, name: 'second', purged: false }]);
  expect(names()).toEqual(['runs']);
  skein.run('restart');
  expect(skein.json('status')).toMatchObject({ sessions: { total: 1, running: 1, forgotten: 2 } });
  expect(filesWith('CANARY')).not.toBe('');
  expect(skein.json<{ id: string }[]>('prune', '--older', '1s', '--purge')).toEqual(
    byId(both.map((one) => ({ ...one, name: null }))),
  );
  skein.run('restart');
  expect(filesWith('CANARY')).toBe('');
  expect(skein.json('status')).toMatchObject({ sessions: { total: 1, running: 1, forgotten: 0 } });
  expect(skein.run('prune', '--older', '1s', '--purge')).toContain('Nothing');
});

test('[K5] how long ago is to be said, and understood', () => {
  expect(skein.try(['prune']).status).toBe(2);
  expect(skein.try(['prune', '--older', 'soon']).status).toBe(2);
});
