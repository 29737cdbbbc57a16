/**
 * W1: what a write costs before it is let through: looking whether anybody else holds its path, among 10,000 claims in a
 * workspace of 100,000 files, while claims come and go. From the table alone, and as the gate does it, links followed on the disk.
 */
import fs from 'node:fs';
import path from 'node:path';
import { indexOf } from '@skein/node/workspaces/claims/claim-index';
import { inTheWay } from '@skein/node/workspaces/claims/in-the-way';
import type { Writer } from '@skein/node/workspaces/gate';
import { Site } from '@skein/node/workspaces/gate/write-gate.fixture';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { patternOfPath } from '@skein/protocol/workspaces/patterns';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { Random } from '../test/support/random.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { median, p99 } from './lib/stats.ts';

const CLAIMS = 10_000;
const DIRECTORIES = 1_000;
const FILES = 100;
const RUNS = 20;
/** Looks of a round, and between two changes of the table. */
const LOOKS = 2_000;
const EVERY = 10;
const ROUNDS = 9;
/** Claims that are asked for at a time. */
const AT_ONCE = 100;
const MOST_US = 50;

export const w1: Family = { ids: ['W1'], run };

async function run({ quick, say }: BenchOptions): Promise<Row[]> {
  const random = new Random(1);
  const site = await Site.make();
  try {
    say(`W1 making ${DIRECTORIES * FILES} files`);
    makeFiles(site.root);
    const writers = await Promise.all(Array.from({ length: RUNS }, (_, n) => site.enter(`run-${n}`)));
    say(`W1 claiming ${CLAIMS}`);
    await claimAll(site, writers);
    const table: number[][] = [];
    const whole: number[][] = [];
    // The first round is for the compiler.
    for (let round = 0; round <= (quick ? 3 : ROUNDS); round++) {
      say(`W1 looking, round ${round}`);
      const found: [number[], number[]] = [[], []];
      for (let n = 0; n < LOOKS; n++) {
        if (n % EVERY === 0) await change(site, writers, round * LOOKS + n);
        const writer = writers[random.int(0, RUNS - 1)] as Writer;
        const file = fileAt(random.int(0, DIRECTORIES - 1), random.int(0, FILES - 1));
        const [state, holder] = [await site.state(), holderOf(writer)];
        found[0].push(microseconds(() => lookIn(state, holder, file)));
        found[1].push(microseconds(() => site.gate.look(writer, [file])));
      }
      if (round > 0) table.push(found[0]);
      if (round > 0) whole.push(found[1]);
    }
    return [
      rowOf('look at the table of claims, p99', table),
      rowOf('the gate’s look, links followed on the disk, p99', whole),
    ];
  } finally {
    await site.remove();
  }
}

/** `rounds` of looks: each has a p99, of which the median counts. */
function rowOf(what: string, rounds: number[][]): Row {
  const each = rounds.map(p99);
  return row({
    id: 'W1',
    what: `${what}; ${CLAIMS} claims, ${DIRECTORIES * FILES} files`,
    unit: 'µs',
    ours: median(each),
    peer: undefined,
    alone: true,
    target: `p99 ≤ ${MOST_US} µs`,
    met: (value) => value <= MOST_US,
    extra: { p50: median(rounds.flat()), 'best p99': Math.min(...each), rounds: each.length, looks: LOOKS },
  });
}

function lookIn(state: WorkspaceState, holder: Holder, file: string): boolean {
  return inTheWay(state, indexOf(state, 'gate'), holder, [patternOfPath(file)]).length === 0;
}

function microseconds(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) * 1_000;
}

function holderOf({ run, session, agent }: Writer): Holder {
  return { kind: 'run', run, session, agent, name: run };
}

const fileAt = (dir: number, file: number) => `src/area-${dir % 30}/part-${dir}/file-${file}.ts`;

function makeFiles(root: string): void {
  for (let dir = 0; dir < DIRECTORIES; dir++) {
    fs.mkdirSync(path.join(root, path.dirname(fileAt(dir, 0))), { recursive: true });
    for (let file = 0; file < FILES; file++) fs.writeFileSync(path.join(root, fileAt(dir, file)), '');
  }
}

/** Of every kind that people and agents make: single files most of all, whole directories, and names with wildcards. */
async function claimAll(site: Site, writers: readonly Writer[]): Promise<void> {
  const globs: string[] = [];
  for (let n = 0; globs.length < CLAIMS; n++) {
    const dir = n % DIRECTORIES;
    const name = path.posix.dirname(fileAt(dir, 0));
    if (dir % 10 === 0) globs.push(n < DIRECTORIES ? `${name}/**` : `${name}/deeper-${n}/**`);
    else if (dir % 10 === 1) globs.push(`${name}/file-${n % 89}${n}*.ts`);
    else globs.push(`${fileAt(dir, Math.floor(n / DIRECTORIES) % FILES)}`);
  }
  for (let n = 0; n < CLAIMS; n += AT_ONCE)
    await Promise.all(
      globs.slice(n, n + AT_ONCE).map((glob, m) => {
        // Who works in a directory holds most of what is claimed there.
        const writer = writers[((n + m) % DIRECTORIES) % RUNS] as Writer;
        return site.claim(writer, glob);
      }),
    );
}

/** A call begins and ends, and takes a path that nobody holds. */
async function change(site: Site, writers: readonly Writer[], n: number): Promise<void> {
  const writer = writers[n % RUNS] as Writer;
  await site.gate.begin(writer, `call-${n}`, [`new/file-${n}.ts`]);
  site.gate.end(writer, `call-${n}`);
}
