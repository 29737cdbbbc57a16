/** A write that came round all claims is recorded, naming both sides; one that is explained is not (rule W4). On a real disk, log and worker. */
import fs from 'node:fs';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Site, WORKSPACE } from '../gate/write-gate.fixture.ts';
import type { Writer } from '../gate.ts';
import { Watchers } from './watchers.ts';

let site: Site;
let watchers: Watchers;
beforeEach(async () => {
  site = await Site.make();
  watchers = new Watchers({ kernel: site.kernel, log: () => {} });
  watchers.start();
});
afterEach(async () => {
  await watchers.stop();
  await site.remove();
});

async function conflicts(count: number): Promise<WorkspaceState['conflicts']> {
  for (;;) {
    const changed = new Promise<void>((wake) => site.kernel.changed(`workspace/${WORKSPACE}`, wake));
    const { conflicts: found } = await site.state();
    if (found.length >= count) return found;
    await changed;
  }
}

const watching = (why: RegExp | null = null) =>
  expect
    .poll(() => watchers.status(WORKSPACE), { timeout: 10_000 })
    .toEqual(why === null ? { on: true, why: null } : { on: false, why: expect.stringMatching(why) });

/** Writes that are explained are followed by one that is not: then they have been judged. */
async function unexplained(sentinel: string): Promise<string[]> {
  site.write(sentinel, `${Math.random()}`);
  for (let count = 1; ; count += 1) {
    const found = await conflicts(count);
    if (found.some(({ path }) => path === sentinel)) return found.map(({ path }) => path);
  }
}

async function letThrough(writer: Writer, path: string, text: string): Promise<void> {
  const call = `call-${path}`;
  expect(await site.gate.begin(writer, call, [site.at(path)])).toMatchObject({ ok: true });
  site.write(path, text);
  site.gate.end(writer, call);
}

describe('conflicts', () => {
  test('[W4] a write under a claim that nobody let through is told with its holder; the sessions are told too', async () => {
    site.write('src/a.ts', 'one');
    const one = await site.enter('one');
    await site.claim(one, 'src/a.ts');
    await watching();
    site.write('src/a.ts', 'by an editor');
    const [conflict] = await conflicts(1);
    expect(conflict).toMatchObject({
      ...{ path: 'src/a.ts', what: 'changed', also: 0, writers: [] },
      holder: { kind: 'run', run: one.run },
    });
    const { state } = await site.kernel.state<{ conflicts: { conflict: string }[] }>(
      `session/${one.session}`,
    );
    expect(state.conflicts.map(({ conflict: id }) => id)).toEqual([conflict?.conflict]);
  });

  test('[W4] who may have written is named: programs, and agents that ask nobody', async () => {
    const [one, two] = [await site.enter('one'), await site.enter('two')];
    await site.tell('run.entered', {
      ...{ run: two.run, session: two.session, agent: two.agent, name: 'two' },
      strength: { files: 'watched', shell: 'watched' },
    });
    await site.claim(one, 'src/**');
    await watching();
    site.write('src/new/b.ts', 'one');
    const [conflict] = await conflicts(1);
    expect(conflict).toMatchObject({ path: 'src/new/b.ts', what: 'created' });
    expect(conflict?.writers.map(({ run }) => run)).toEqual([two.run]);
  });

  test('[W4] what was let through is no conflict, nor a person’s own writing', async () => {
    const one = await site.enter('one');
    for (const path of ['a', 'b', 'mine']) site.write(path, 'one');
    await site.claim(one, 'sentinel', 'b');
    await site.claim(null, 'mine');
    await letThrough(one, 'a', 'first');
    await watching();
    await letThrough(one, 'a', 'two');
    await letThrough(one, 'b', 'two');
    site.write('mine', 'two');
    expect(await unexplained('sentinel')).toEqual(['sentinel']);
  });

  test('[W4] nor what lands from the repository of another workspace', async () => {
    const one = await site.enter('one');
    await site.enter('two', {}, 'watched');
    for (const path of ['a', 'sentinel']) site.write(path, 'one');
    await site.claim(one, 'sentinel');
    await site.tell('landing.hold', { landing: 'elsewhere', name: 'w', paths: ['a'] });
    await watching();
    site.write('a', 'landed');
    expect(await unexplained('sentinel')).toEqual(['sentinel']);
  });

  test('[W4] many writes at once are one conflict of each holder', async () => {
    const [one, two] = [await site.enter('one'), await site.enter('two')];
    for (let n = 0; n < 300; n += 1) site.write(`d/${n}`, 'one');
    await site.claim(one, 'd/**');
    await site.claim(two, 'e');
    await watching();
    for (let n = 0; n < 300; n += 1) site.write(`d/${n}`, 'two');
    site.write('e', 'two');
    let found = await conflicts(2);
    const told = () => found.reduce((sum, { also }) => sum + 1 + also, 0);
    while (told() < 301) found = await conflicts(found.length + 1);
    expect(told()).toBe(301);
    // Seconds apart, should it take that long.
    expect(found.length).toBeLessThan(6);
  });

  test('[W4] nobody is watched for nothing: only while somebody works there and something is claimed', async () => {
    await watching(/nobody works in it/);
    const one = await site.enter('one');
    await watching(/Nothing in it is claimed/);
    await site.claim(one, 'a');
    await watching();
    await site.tell('run.left', { run: one.run, again: false });
    await watching(/Nothing/);
  });

  test('[W4] a workspace whose directory is gone is told as not watched, and harms nobody', async () => {
    const one = await site.enter('one');
    await site.claim(one, 'd/**');
    await watching();
    fs.rmSync(site.root, { recursive: true });
    await watching(/is not there any more/);
  });
});
