/** W2: the watcher of a workspace of 100,000 files: what is claimed, a checkout of 10,000 files, a build's output that git ignores. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from '@skein/node/workspaces/watch/messages';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { median } from './lib/stats.ts';

const DIRECTORIES = 1_000;
const FILES = 100;
/** Of each directory, files that the other branch has otherwise. */
const CHANGED = 10;
const CLAIMS = 10_000;
/** Files of a build, in a directory that git ignores. */
const BUILT = 20_000;
/** Milliseconds after which what has not been told is lost. */
const PATIENCE_MS = 60_000;

export const w2: Family = { ids: ['W2'], run: runWatcher };

async function runWatcher({ quick, say }: BenchOptions): Promise<Row[]> {
  say('W2 a repository of 100,000 files');
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'skein-bench-watch-')));
  const watched = new Watched(root);
  try {
    makeRepository(root);
    say('W2 watching all of it');
    const before = process.memoryUsage().rss;
    const begun = performance.now();
    await watched.claim(['**']);
    const looked = performance.now() - begun;
    const memory = (process.memoryUsage().rss - before) / 1024 / 1024;
    const lags: number[] = [];
    const works: number[] = [];
    let lost = 0;
    for (let round = 0; round < (quick ? 2 : 6); round += 1) {
      say(`W2 git checkout ${round + 1}`);
      const { took, lag, seen } = await watched.during(DIRECTORIES * CHANGED, () =>
        git(root, 'checkout', '-q', round % 2 === 0 ? 'two' : 'one'),
      );
      works.push(took);
      lags.push(lag);
      lost += DIRECTORIES * CHANGED - seen;
    }
    say('W2 a build');
    const build = await watched.during(1, () => buildInto(root));
    const told = { directories: watched.directories, 'files lost': lost, 'queue overran': watched.missed };
    return [
      row({
        ...{
          id: 'W2',
          what: 'after git checkout of 10,000 files, until all is told; peer: the checkout itself',
        },
        ...{ unit: 'ms', ours: median(lags), peer: median(works) },
        target: 'none lost; ≤ 1×',
        met: (_, ratio) => lost === 0 && ratio <= 1,
        extra: { ...told, 'worst ms': Math.max(...lags) },
      }),
      row({
        ...{ id: 'W2', what: "told of a build's 20,000 files that git ignores, and of one that it does not" },
        ...{ unit: 'files', ours: build.told, peer: undefined },
        target: '1',
        met: (value) => value === 1,
        alone: true,
        extra: { 'lag ms': build.lag },
      }),
      row({
        ...{ id: 'W2', what: 'looking through 100,000 claimed files, their contents too' },
        ...{ unit: 'ms', ours: looked, peer: undefined },
        target: '–',
        met: () => true,
        alone: true,
        extra: { MiB: memory },
      }),
      await manyClaims(root, say),
    ];
  } finally {
    await watched.stop();
    fs.rmSync(root, { recursive: true, force: true });
  }
}

/** What most of the time is claimed: single files. */
async function manyClaims(root: string, say: BenchOptions['say']): Promise<Row> {
  say(`W2 ${CLAIMS} claims of one file each`);
  const watched = new Watched(root);
  try {
    const files = Array.from({ length: CLAIMS }, (_, n) => fileOf(Math.floor(n / CHANGED), n % CHANGED));
    const begun = performance.now();
    await watched.claim(files);
    const looked = performance.now() - begun;
    const one = git(root, 'rev-parse', '--abbrev-ref', 'HEAD').trim() === 'one';
    const { took, lag, seen } = await watched.during(CLAIMS, () =>
      git(root, 'checkout', '-q', one ? 'two' : 'one'),
    );
    return row({
      ...{ id: 'W2', what: 'the same checkout under 10,000 claims of a file each' },
      ...{ unit: 'ms', ours: lag, peer: took },
      target: 'none lost; ≤ 1×',
      met: (_, ratio) => seen === CLAIMS && ratio <= 1,
      extra: { 'files lost': CLAIMS - seen, 'claims looked through ms': looked },
    });
  } finally {
    await watched.stop();
  }
}

/** The product's own worker, and what it tells. */
class Watched {
  directories = 0;
  missed = 0;
  readonly #worker: Worker;
  #seen = new Map<string, number>();
  #wake: () => void = () => {};
  #watching = false;

  constructor(root: string) {
    this.#worker = new Worker(path.join(import.meta.dirname, '../packages/node/dist/watch-worker.cjs'));
    this.#worker.on('message', (message: FromWorker) => this.#take(message));
    this.#send({ type: 'watch', workspace: 'w', root, folds: { case: false, unicode: false } });
  }

  async claim(globs: readonly string[]): Promise<void> {
    const added = globs.map((glob, n) => ({ claim: `c${n}`, globs: [glob] }));
    this.#send({ type: 'claims', workspace: 'w', added, removed: [] });
    while (!this.#watching) await this.#news();
  }

  /** Milliseconds that the work took, and from its end until all was told of it. */
  async during(
    count: number,
    work: () => void,
  ): Promise<{ took: number; lag: number; seen: number; told: number }> {
    this.#seen = new Map();
    const begun = performance.now();
    work();
    const ended = performance.now();
    while (this.#seen.size < count && performance.now() - ended < PATIENCE_MS) await this.#news();
    const last = Math.max(...this.#seen.values(), ended);
    return { took: ended - begun, lag: last - ended, seen: this.#seen.size, told: this.#seen.size };
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    const now = performance.now();
    if (message.type === 'written') for (const { path: file } of message.written) this.#seen.set(file, now);
    if (message.type === 'missed') this.missed += 1;
    if (message.type === 'watching') {
      this.#watching = true;
      this.directories = message.directories;
    }
    this.#wake();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const fileOf = (directory: number, file: number) => `src/m${directory >> 5}/d${directory}/f${file}.ts`;

function makeRepository(root: string): void {
  git(root, 'init', '-q', '-b', 'one');
  fs.writeFileSync(path.join(root, '.gitignore'), 'node_modules/\ndist/\n*.log\n');
  for (let directory = 0; directory < DIRECTORIES; directory += 1) {
    fs.mkdirSync(path.dirname(path.join(root, fileOf(directory, 0))), { recursive: true });
    for (let file = 0; file < FILES; file += 1)
      fs.writeFileSync(
        path.join(root, fileOf(directory, file)),
        `export const x = ${directory * FILES + file};\n`,
      );
  }
  commit(root);
  git(root, 'checkout', '-q', '-b', 'two');
  for (let directory = 0; directory < DIRECTORIES; directory += 1)
    for (let file = 0; file < CHANGED; file += 1)
      fs.appendFileSync(path.join(root, fileOf(directory, file)), 'export const more = 2;\n');
  commit(root);
  git(root, 'checkout', '-q', 'one');
}

function commit(root: string): void {
  git(root, 'add', '-A');
  git(root, '-c', 'user.name=a', '-c', 'user.email=a@b.example', 'commit', '-q', '-m', 'all');
}

/** As a compiler does; and, last, one file that git does not ignore. */
function buildInto(root: string): void {
  for (let n = 0; n < BUILT; n += 1) {
    const dir = path.join(root, 'dist', `d${n >> 7}`);
    if (n % 128 === 0) fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, `${n}.js`), 'exports.x = 1;\n');
  }
  fs.writeFileSync(path.join(root, 'src', 'made.ts'), 'export const made = true;\n');
}

function git(root: string, ...args: string[]): string {
  const config = ['-c', 'gc.auto=0', '-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null'];
  const done = spawnSync('git', [...config, ...args], { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`git ${args[0]}: ${done.stderr}`);
  return done.stdout;
}
