/** F4 in its small number, beside the other faults: most of its time is spent waiting for a silence to be noticed. */
import { expect, it } from 'vitest';
import { f4 } from './faults/f4.ts';
import { linux, needs } from './support/needs.ts';

needs(linux)('faults of links', () => {
  it('[F4][C4][M1][H3][L3] every fault on every link is found, and nothing is lost or doubled', async () => {
    const { failures } = await f4({ count: 1, seed: 20_260, timing: false, log: () => {} });
    expect(failures).toEqual([]);
  }, 240_000);
});
