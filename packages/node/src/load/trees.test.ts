/** Whose a process is, and what a tree of them takes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ofPs, ofStat, type TableEntry } from '../platform/process-table.ts';
import { momentOf, treesOf, useOf } from './trees.ts';

function entry(pid: number, parent: number, cpu = 0, group = pid): TableEntry {
  return { pid, parent, group, start: `b:${pid}`, cpu, resident: 1 };
}

const pids = (tree: readonly TableEntry[] | undefined) => tree?.map(({ pid }) => pid).sort((a, b) => a - b);

describe('processes of programs', () => {
  test('[U3] a process belongs to its nearest ancestor among the programs, and to nobody where it has none', () => {
    const table = [entry(1, 0), entry(10, 1), entry(11, 10), entry(20, 11), entry(21, 20), entry(30, 1)];
    const trees = treesOf([{ pid: 10 }, { pid: 20 }], table);
    expect(pids(trees.get(10))).toEqual([10, 11]);
    expect(pids(trees.get(20))).toEqual([20, 21]);
  });

  test('[U3] what a parent that has ended leaves behind stays with the program that it began in', () => {
    const table = [entry(10, 1), entry(12, 1, 0, 10), entry(13, 12, 0, 99)];
    expect(pids(treesOf([{ pid: 10 }], table).get(10))).toEqual([10, 12, 13]);
  });

  test('[U3] a stranger under a pid that was used again is not the program', () => {
    expect(treesOf([{ pid: 10, start: 'b:other' }], [entry(10, 1)]).size).toBe(0);
  });

  test('[U3] every process is in one tree at most, whatever the table says of parents', () => {
    const processes = fc.array(fc.record({ parent: fc.nat(30), group: fc.nat(30) }), { maxLength: 30 });
    fc.assert(
      fc.property(processes, fc.array(fc.nat(30), { maxLength: 6 }), (some, roots) => {
        const table = some.map(({ parent, group }, pid) => entry(pid, parent, 0, group));
        const trees = treesOf(
          roots.map((pid) => ({ pid })),
          table,
        );
        const all = [...trees.values()].flat();
        expect(new Set(all).size).toBe(all.length);
        for (const [root, tree] of trees) expect(pids(tree)).toContain(root);
      }),
      { numRuns: 300 },
    );
  });

  test('[U3] processor time is told as cores since the last look, of new processes from their start', () => {
    const before = momentOf([entry(10, 1, 1_000), entry(11, 10, 50)], 0);
    const now = [entry(10, 1, 1_500), { ...entry(11, 10, 200), start: 'b:again' }, entry(12, 10, 300)];
    expect(useOf(now, before, 1_000, () => 2)).toEqual({ cpu: 1, memory: 6, processes: 3 });
  });
});

describe("the system's own words", () => {
  test('[U3] a line of /proc is read past a name with spaces and parentheses', () => {
    const rest = `S 7 8 9 0 -1 0 0 0 0 0 120 30 0 0 20 0 1 0 4711 0 0`;
    const found = ofStat(5, `5 (a) b (c) ${rest}`);
    expect(found).toMatchObject({ pid: 5, parent: 7, group: 9, cpu: 1_500 });
    expect(found?.start).toMatch(/:4711$/);
    expect(ofStat(5, `5 (x) ${rest.replace('S', 'Z')}`)).toBeUndefined();
  });

  test('[U3] a line of ps is read with hours and days', () => {
    expect(ofPs('  501     1   501  12340   1:02.50')).toMatchObject({
      pid: 501,
      cpu: 62_500,
      resident: 12340 * 1024,
    });
    expect(ofPs('7 1 7 10 2-01:00:00')).toMatchObject({ cpu: (2 * 86_400 + 3_600) * 1000 });
    expect(ofPs('PID PPID')).toBeUndefined();
  });
});
