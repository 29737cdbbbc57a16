/** What docs/COMPOSE.md shows is applied, and the schema beside it is that of the program (rules B1, B2). */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeSchema } from '@skein/protocol/compose/file';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { repository } from './support/git-repository.ts';

const DOCS = join(import.meta.dirname, '../docs');

let skein: Skein;

beforeAll(() => {
  skein = new Skein();
  defineFake(skein.home);
});
afterAll(() => skein.destroy());

test('[B2] the schema in docs/ is what the program checks by: skein compose schema > docs/skein.schema.json', () => {
  const text = readFileSync(join(DOCS, 'skein.schema.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(composeSchema());
  expect(JSON.parse(skein.run('compose', 'schema'))).toEqual(composeSchema());
});

test('[B1] the example in docs/COMPOSE.md is applied as it stands', () => {
  const [, example = ''] =
    /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(DOCS, 'COMPOSE.md'), 'utf8')) ?? [];
  const dir = realpathSync(join(skein.home, '..'));
  const file = join(dir, 'skein.yaml');
  writeFileSync(file, example);
  mkdirSync(join(dir, 'docs'));
  writeFileSync(join(dir, 'token'), 'secret');
  repository(join(dir, 'shop.git'));
  const ran = skein.try(['compose', 'up', '-f', file]);
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
  expect(skein.run('compose', 'diff', '-f', file)).toBe('Nothing differs.\n');
  const parts = skein.json<{ part: string; state: string }[]>('compose', 'ps', '-f', file);
  expect(parts.map(({ part, state }) => `${part} ${state}`)).toEqual([
    'app ready',
    'docs ready',
    'fix ready',
    'web running',
    'team -',
    expect.stringMatching(/^team\/lead (idle|working)$/),
    expect.stringMatching(/^team\/writer (idle|working)$/),
  ]);
  skein.run('compose', 'down', '--rm', '-f', file);
  expect(skein.json('compose', 'ps', '--project', 'shop')).toEqual([]);
});
