/** Where another machine's agents may work (rule X1): whatever is written as a path, they begin in a granted directory or nowhere. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { emptyPeers, type Grant } from '@skein/protocol/peers/state';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KernelApi } from '../../kernel/types.ts';
import { machineFacts } from './facts.ts';
import { byHome, HOME, OTHER, wanted } from './hosted.fixture.ts';
import type { PlaceHostedFacts } from './place.ts';

let root: string;
let home: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'sk-facts-')));
  home = path.join(root, 'home');
  for (const dir of ['home', 'work/api/src', 'work2', 'other/deep'])
    mkdirSync(path.join(root, dir), { recursive: true });
  for (const [link, to] of [
    ['work/out', 'other'],
    ['work/up', '.'],
    ['work/in', 'work/api'],
    ['other/back', 'work'],
  ] as const)
    symlinkSync(path.join(root, to), path.join(root, link));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const granted = (more: Partial<Grant> = {}): Grant => ({
  ...{ grant: 'g', peer: HOME, agents: ['claude'], dirs: [path.join(root, 'work')], max: 1, term: 60_000 },
  ...{ away: 'stop', claims: 'hold', expires: null, given: 1 },
  ...more,
});

async function factsOf(
  body: object,
  grants: Grant[] = [granted()],
  names: Record<string, string> = {},
): Promise<PlaceHostedFacts> {
  const known = Object.entries(names).map(([peer, name]) => [
    peer,
    { peer, name, addrs: [], relays: [], sessions: {} },
  ]);
  const peers = {
    ...emptyPeers(),
    grants: Object.fromEntries(grants.map((one, i) => [`g${i}`, one])),
    known: Object.fromEntries(known),
  };
  const kernel = { state: async () => ({ state: peers }) } as unknown as KernelApi;
  const command = { id: { client: 'c', seq: 1 }, target: 'node', type: 'hosted.place', body };
  return (await machineFacts({ kernel, home }, byHome, command)) as PlaceHostedFacts;
}
const at = (dir: string, grants?: Grant[]) =>
  factsOf(wanted({ definition: 'claude', place: { dir } }), grants);

describe('[X1] where an agent is let work', () => {
  test('a directory that is granted, and what lies below it, by whichever name it is called', async () => {
    for (const [dir, real] of [
      ['work', 'work'],
      ['work/api/../api/./src/', 'work/api/src'],
      ['work/in', 'work/api'],
      ['other/back/api', 'work/api'],
      ['work/up/work', 'work'],
    ] as const)
      expect(await at(`${root}/${dir}`)).toMatchObject({
        dir: path.join(root, real),
        grants: [{ grant: 'g' }],
      });
  });

  test('and no other, whatever steps and links lead out of it', async () => {
    const step = fc.constantFrom(
      'work',
      'work2',
      'api',
      'src',
      'out',
      'up',
      'in',
      'back',
      'deep',
      'other',
      '..',
      '.',
      '',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { grants, dir, refused } = await at(`${root}/${steps.join('/')}`);
        if (grants.length === 0) return void expect(refused?.code).toBe('not_granted');
        expect(refused).toBeUndefined();
        expect(realpathSync(dir as string)).toBe(dir);
        expect(`${dir}/`.startsWith(`${root}/work/`)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('what is there and what is not is told alike to who may not work there', async () => {
    const [there, gone] = [await at(`${root}/other`), await at(`${root}/nothing`)];
    expect(there.refused?.message.replace('other', 'X')).toBe(gone.refused?.message.replace('nothing', 'X'));
    for (const odd of ['relative', '~nobody/x', `${root}/work\0x`])
      expect((await at(odd)).refused?.code).toBe('not_granted');
  });

  test('[X1] its home is called as it is known here, and if it is not, nothing that is read as one that is', async () => {
    const called = async (node: string, names: Record<string, string>) =>
      (
        await factsOf(
          wanted({ definition: 'claude', place: { dir: `${root}/work` }, node }),
          undefined,
          names,
        )
      ).node;
    expect(await called('laptop', { [HOME]: 'box', [OTHER]: 'laptop' })).toBe('box');
    for (const like of ['laptop', 'Laptop', 'lарtop'])
      expect(await called(like, { [OTHER]: 'laptop' })).toBe(`${like}-2`);
    expect(await called('laptop', { [OTHER]: 'box' })).toBe('laptop');
  });

  test("the user's own directory may be named as ~", async () => {
    const real = realpathSync(os.homedir());
    expect((await at('~', [granted({ dirs: [real] })])).dir).toBe(real);
    expect((await at('~/..', [granted({ dirs: [real] })])).refused?.code).toBe('not_granted');
  });

  test('by which grants, the oldest first; of others, of other agents, or past their time none', async () => {
    const all = [
      granted({ grant: 'new', given: 9 }),
      granted({ grant: 'old', given: 2, agents: ['*'] }),
      granted({ grant: 'theirs', peer: OTHER }),
      granted({ grant: 'codex', agents: ['codex'] }),
      granted({ grant: 'late', expires: Date.now() - 1 }),
    ];
    const { grants } = await at(`${root}/work`, all);
    expect(grants.map(({ grant }) => grant)).toEqual(['old', 'new']);
    expect((await at(`${root}/work`, [])).refused).toMatchObject({ code: 'not_granted' });
    const scratch = await factsOf(wanted({ definition: 'claude', place: { scratch: true } }), [
      granted({ dirs: [] }),
    ]);
    expect(scratch).toMatchObject({ grants: [{ grant: 'g' }], workspaces: path.join(home, 'workspaces') });
  });

  test('an agent that this machine does not have is refused by name, to who may run any', async () => {
    const missing = wanted({ definition: 'nothing', place: { scratch: true } });
    expect((await factsOf(missing, [granted({ agents: ['*'] })])).refused?.code).toBe('agent_missing');
    expect((await factsOf(missing)).refused).toMatchObject({
      code: 'not_granted',
      data: { agents: ['claude'] },
    });
  });
});
