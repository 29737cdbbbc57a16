/** Agents that edit the same files at the same time, in any order of their steps: no edit is lost (rules W2, W3). */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Writer } from '../gate.ts';
import { Site } from './write-gate.fixture.ts';

/** How an agent does its edits. */
interface Kind {
  /** By requests to the node, by its own hand with reads that are told, or with none. */
  way: 'node' | 'told' | 'untold';
  file: 'file' | 'link';
}

const kind = fc.record({
  way: fc.constantFrom('node' as const, 'told' as const, 'untold' as const),
  file: fc.constantFrom('file' as const, 'link' as const),
});

/** Edits of each agent. */
const EDITS = 3;

/** Adds a line to its file; false when it was refused, and must begin again by reading. `thinks` lies between its steps. */
async function edit(
  site: Site,
  who: Writer,
  { way, file }: Kind,
  line: string,
  thinks: () => Promise<void>,
): Promise<boolean> {
  const { gate } = site;
  if (way === 'node') {
    const before = await gate.readText(who, file);
    await thinks();
    return (await gate.writeText(who, line, file, `${before}${line}\n`)).ok;
  }
  const at = Date.now();
  let text = site.text(file);
  if (way === 'told') gate.read(who, file, at);
  await thinks();
  const { ok } = await gate.begin(who, line, [file]);
  // One that is not known to read patches what is there.
  if (ok && way === 'untold') text = site.text(file);
  if (ok) await thinks();
  if (ok) site.write(file, `${text}${line}\n`);
  gate.end(who, line);
  return ok;
}

/** `pauses` are milliseconds that agents think between their steps: what is waited for is only that all are done. */
async function play(kinds: Kind[], pauses: number[]): Promise<void> {
  const site = await Site.make();
  let taken = 0;
  const pause = async () => {
    taken += 1;
    await sleep(pauses[taken % pauses.length]);
  };
  try {
    site.write('file', 'first\n');
    fs.symlinkSync('file', site.at('link'));
    const agents = await Promise.all(
      kinds.map(async (one, n) => ({
        ...one,
        who: await site.enter(`agent${n}`, { tellsReads: one.way !== 'untold' }),
      })),
    );
    const lines: string[] = [];
    const work = agents.map(async ({ who, ...one }, n) => {
      for (let edits = 0; edits < EDITS; ) {
        await pause();
        const line = `${n}.${edits}`;
        if (await edit(site, who, one, line, pause)) {
          lines.push(line);
          edits += 1;
        }
        await pause();
        site.gate.turnEnded(who);
      }
    });
    await Promise.all(work);
    const found = site
      .text('file')
      .split('\n')
      .filter((one) => /^\d/.test(one));
    expect(found.sort()).toEqual(lines.sort());
  } finally {
    await site.remove();
  }
}

test('[W2] no edit is lost, however the steps of agents fall', async () => {
  const pauses = fc.array(fc.nat({ max: 12 }), { minLength: 5, maxLength: 20 });
  await fc.assert(fc.asyncProperty(fc.array(kind, { minLength: 2, maxLength: 4 }), pauses, play), {
    numRuns: 6,
  });
});
