/** X1: fifty agents on five other nodes of this machine, directed from one home: prompts a second, home's memory, and `skein top` of all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Skein as Connected, connectSkein } from '@skein/client';
import { newId } from '@skein/protocol/ids';
import type { LoadAnswer } from '@skein/protocol/machines/load';
import { InkScreen } from '../packages/cli/src/chat/view/ink-screen.tsx';
import { TopApp } from '../packages/cli/src/top/app.tsx';
import { frameOf } from '../packages/cli/src/top/frame.ts';
import { TopState } from '../packages/cli/src/top/state.ts';
import { Side } from './lib/attempt.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { type Skein, skein } from './lib/skein.ts';
import { median } from './lib/stats.ts';

const AGENTS = 50;
const NODES = 5;
/** Agents that are being started at the same time. */
const STARTING = 5;
/** Prompts of one agent that are measured. */
const PROMPTS = { quick: 4, whole: 20 };
/** Frames of `skein top` at each width; rows of its terminal. */
const FRAMES = 200;
const ROWS = 50;
const WIDTHS = [60, 200] as const;

export const x1: Family = { ids: ['X1'], run: runMachines };

interface Found {
  /** Prompts a second. */
  rate: number;
  /** Bytes of home's node. */
  memory: number | undefined;
  /** Milliseconds of a look at all nodes, and of a frame by width. */
  look: number;
  frames: Map<number, number>;
}

async function runMachines({ quick, say }: BenchOptions): Promise<Row[]> {
  const prompts = quick ? PROMPTS.quick : PROMPTS.whole;
  const sides = Array.from({ length: NODES + 1 }, () => new Side('skein', skein('all')));
  const [home, ...workers] = sides as [Side, ...Side[]];
  say('X1 fifty agents of its own');
  const own = await home.attempt((one) => directed(one as Skein, [], prompts));
  home.stop();
  const farHome = new Side('skein', skein('all'));
  say('X1 fifty agents on five other nodes');
  const far = await farHome.attempt(async (one) => {
    const nodes = workers.flatMap(({ use }) => (use === undefined ? [] : [use as Skein]));
    return directed(one as Skein, nodes, prompts);
  });
  for (const side of [farHome, ...workers]) side.stop();
  const notes = [home.note, farHome.note];
  const alone = { peer: undefined, target: 'told', alone: true, met: () => true, notes };
  return [
    row({
      ...{
        id: 'X1',
        what: `prompts of ${AGENTS} agents on ${NODES} other nodes; peer: the same at home`,
        unit: '/s',
      },
      ...{ ours: far?.rate, peer: own?.rate, target: 'told', met: () => true, notes },
    }),
    row({
      ...{ id: 'X1', what: `PSS of home's node with ${AGENTS} agents elsewhere, the mesh on`, unit: 'MiB' },
      ...{ ...alone, ours: far?.memory === undefined ? undefined : far.memory / MEBIBYTE },
      target: '≤ 220 MB',
      met: (value) => value * MEBIBYTE <= 220e6,
    }),
    row({
      id: 'X1',
      what: 'a look at all nodes, as skein top asks for it',
      unit: 'ms',
      ...alone,
      ours: far?.look,
    }),
    ...WIDTHS.map((cols) =>
      row({
        ...{ id: 'X1', what: `a frame of skein top, ${cols} columns`, unit: 'ms' },
        ...{ ...alone, ours: far?.frames.get(cols) },
      }),
    ),
  ];
}

/** Agents in one session of a home, on these nodes or on its own; each is prompted again when it has answered. */
async function directed(home: Skein, workers: readonly Skein[], prompts: number): Promise<Found> {
  define(home);
  await home.cli('up');
  const names = await joined(home, workers);
  const connected = await connectSkein({ home: home.home, start: false });
  const agents = await started(connected, home, workers, names);
  const rate = await answered(connected, agents, prompts);
  const { pid } = await home.status();
  const memory = pss([pid]);
  // Twice: the first look of all has nothing to compare with.
  await connected.client.ask('load', { everywhere: true, wait: 10_000 });
  await sleep(1_000);
  const began = performance.now();
  const answer = await connected.client.ask('load', { everywhere: true, wait: 10_000 });
  const look = performance.now() - began;
  connected.close();
  return { rate, memory, look, frames: new Map(WIDTHS.map((cols) => [cols, frame(answer, cols)])) };
}

function define({ home }: Skein): void {
  const dir = join(home, 'agents');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const program = join(import.meta.dirname, 'lib/answering-agent.ts');
  const definition = { driver: 'acp', command: process.execPath, args: [program], version: false };
  // JSON is YAML.
  writeFileSync(join(dir, 'answers.yaml'), JSON.stringify(definition), { mode: 0o600 });
}

/** Makes the workers known to home, and home granted by them; returns what they are called. */
async function joined(home: Skein, workers: readonly Skein[]): Promise<string[]> {
  if (workers.length === 0) return [];
  await home.cli('mesh', '--on');
  const { peer } = JSON.parse(await home.cli('node', 'show', '--json'));
  return Promise.all(
    workers.map(async (worker, n) => {
      define(worker);
      await worker.cli('mesh', '--on');
      const { locator } = JSON.parse(await worker.cli('node', 'show', '--json'));
      await home.cli('node', 'add', locator, '--name', `w${n}`);
      await worker.cli('grant', peer, '--agents', 'answers', '--dirs', worker.home, '--max', '16');
      return `w${n}`;
    }),
  );
}

async function started(
  connected: Connected,
  home: Skein,
  workers: readonly Skein[],
  names: readonly string[],
): Promise<string[]> {
  const place = (n: number) => {
    const worker = workers[n % Math.max(1, workers.length)];
    return worker === undefined ? {} : { on: names[n % names.length] as string, there: { dir: worker.home } };
  };
  const first = await connected.spawn('answers', { session: 'team', as: 'a0', cwd: home.home, ...place(0) });
  const ids = [first.id];
  const left = Array.from({ length: AGENTS - 1 }, (_, n) => n + 1);
  const workersOf = Array.from({ length: STARTING }, async () => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      const { id } = await connected.spawn('answers', { in: 'team', as: `a${n}`, ...place(n) });
      ids.push(id);
    }
  });
  await Promise.all(workersOf);
  return ids;
}

/** Prompts a second of all together, once each has answered one. */
async function answered(connected: Connected, agents: readonly string[], prompts: number): Promise<number> {
  const { id, cursor } = await connected.session('team');
  const open = new Map(agents.map((agent) => [agent, prompts + 1]));
  const runs = new Map<string, string>();
  const prompt = (agent: string) =>
    connected.client.command(`session/${id}`, 'prompt.queue', {
      ...{ agent, prompt: newId(), parts: [{ type: 'text', text: 'Go on.' }] },
    });
  for (const [agent, { run }] of Object.entries((await connected.session('team')).agents))
    if (run !== null) runs.set(run.run, agent);
  let warm = agents.length;
  let [began, done] = [0, 0];
  const events = connected.events('team', cursor ?? { offset: 0 });
  await Promise.all(agents.map(prompt));
  for await (const { type, body } of events) {
    if (type === 'agent.started') runs.set(body.run, body.agent);
    if (type !== 'turn.ended') continue;
    const agent = runs.get(body.run) ?? '';
    const left = (open.get(agent) ?? 0) - 1;
    open.set(agent, left);
    if (warm > 0 && left === prompts && --warm === 0) began = performance.now();
    else if (warm === 0) done++;
    if (left > 0) void prompt(agent);
    else if ([...open.values()].every((n) => n <= 0)) break;
  }
  return (done * 1_000) / (performance.now() - began);
}

/** Milliseconds from what was told to the lines of a frame, with one that was drawn before. */
function frame(answer: LoadAnswer, cols: number): number {
  const ink = new InkScreen(TopApp, true);
  const times: number[] = [];
  for (let n = 0; n < FRAMES; n++) {
    const state = new TopState();
    state.size = { cols, rows: ROWS };
    const began = performance.now();
    state.told(answer);
    ink.lines(frameOf(state, began));
    times.push(performance.now() - began);
  }
  ink.stop();
  return median(times);
}
