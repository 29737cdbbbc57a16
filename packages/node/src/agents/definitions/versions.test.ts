/** Programs that are slow to tell their version, or never do, hold nobody up for long (rule A3). */
import fs from 'node:fs';
import { expect, test, vi } from 'vitest';
import { makeSite, type Site } from './site.fixture.ts';
import { Versions } from './versions.ts';

const asked = (site: Site, program: string) => [{ program, args: ['--version'], env: site.env }];
const counted = (site: Site, script: string) =>
  site.program('codex', `echo x >> ${site.home}/count; ${script}`);
const count = (site: Site) => fs.readFileSync(`${site.home}/count`, 'utf8').length / 2;
const versions = ({ home }: Site) =>
  new Versions(home, true, { answer: 50, longest: 60_000, silent: 60_000 });

test('[A3] one that is slow is not asked again meanwhile, and what it says at last is known from then on', async () => {
  const site = makeSite();
  const program = counted(site, `while [ ! -e ${site.home}/go ]; do sleep 0.02; done; echo 1.2.3`);
  expect(await versions(site).of(asked(site, program))).toEqual([null]);
  expect(await versions(site).of(asked(site, program))).toEqual([null]);
  fs.writeFileSync(`${site.home}/go`, '');
  await vi.waitFor(
    async () => expect(await versions(site).of(asked(site, program))).toEqual(['1.2.3']),
    10_000,
  );
  expect(count(site)).toBe(1);
});

test('[A3] one that does not tell it is left alone for a while, unless its file changes', async () => {
  const site = makeSite();
  const program = counted(site, 'exit 3');
  const wide = () => new Versions(site.home, true, { answer: 60_000, longest: 60_000, silent: 60_000 });
  expect(await wide().of(asked(site, program))).toEqual([null]);
  expect(await wide().of(asked(site, program))).toEqual([null]);
  expect(count(site)).toBe(1);
  counted(site, 'echo 2.0.0');
  expect(await wide().of(asked(site, program))).toEqual(['2.0.0']);
});
