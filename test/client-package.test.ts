/** The client library as others get it: packed, unpacked where no workspace is, used from JavaScript and checked from TypeScript. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineTalking } from './support/talking.ts';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const place = mkdtempSync('/tmp/sk-packed-');
const modules = join(place, 'node_modules');
let skein: Skein;

beforeAll(() => {
  skein = new Skein();
  skein.run('up');
  defineTalking(skein.home);
  const env = { ...process.env, PATH: `${BIN}:${process.env.PATH}` };
  for (const name of ['protocol', 'client']) {
    const [packed, out] = [join(place, `${name}.packed`), join(modules, '@skein', name)];
    mkdirSync(out, { recursive: true });
    const cwd = join(ROOT, 'packages', name);
    execFileSync(join(BIN, 'pnpm'), ['pack', '--pack-destination', packed], { cwd, env, stdio: 'pipe' });
    const [file = ''] = readdirSync(packed);
    execFileSync('tar', ['-xzf', join(packed, file), '-C', out, '--strip-components=1']);
  }
  // What a registry would bring.
  for (const name of ['zod', 'msgpackr'])
    symlinkSync(realpathSync(join(ROOT, 'packages/protocol/node_modules', name)), join(modules, name));
}, 60_000);

afterAll(() => {
  skein?.destroy();
  rmSync(place, { recursive: true, force: true });
});

test('a program in JavaScript spawns, prompts and reads', () => {
  const file = join(place, 'program.mjs');
  writeFileSync(
    file,
    `import { connectSkein, SkeinError } from '@skein/client';
const skein = await connectSkein({ start: false });
const caught = await skein.session('none').catch((error) => error);
if (!(caught instanceof SkeinError)) throw caught;
const agent = await skein.spawn('talking', { cwd: '/' });
console.log(await agent.prompt('say packed').text());
skein.close();
`,
  );
  expect(execFileSync(process.execPath, [file], { env: skein.env, encoding: 'utf8' })).toBe('packed\n');
});

test('a program in TypeScript is checked against what the package declares', () => {
  const use = (
    line: string,
  ) => `import { connectSkein, type SkeinAgent, type SkeinEvent, type Turn } from '@skein/client';
const skein = await connectSkein();
const look = (event: SkeinEvent) => {
  if (event.type === 'message.delta') ${line}
};
const tell = (agent: SkeinAgent): Turn => agent.prompt('x');
for await (const event of tell(await skein.agent('api'))) look(event);
`;
  const compile = (line: string) => {
    writeFileSync(join(place, 'program.mts'), use(line));
    const words = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck'];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types'), 'program.mts'];
    try {
      return execFileSync(join(BIN, 'tsc'), [...words, ...types], { cwd: place, encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  expect(compile('console.log(event.body.text.length);')).toBe('');
  expect(compile('console.log(event.body.txt);')).toContain("Property 'txt' does not exist");
});
