/** X1: fifty agents on five other nodes of this machine, directed from one home: prompts a second, home's memory, and `skein top` of all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Skein as Connected, connectSkein } from '@skein/client';
import { newId } from '@skein/protocol/ids';
import { Side } from './lib/attempt.ts';
import { MEBIBYTE, pss } from './lib/memory.ts';
import { type BenchOptions, type Family, type Row, row } from './lib/row.ts';
import { type Skein, skein } from './lib/skein.ts';
import { topFrames } from './lib/top-frames.ts';

const AGENTS = 50;
const NODES = 5;
/** Prompts of one agent that are measured. */
const PROMPTS = { quick: 4, whole: 20 };
const WIDTHS = [60, 200] as const;

export const x1: Family = { ids: ['X1'], run: runMachines };

interface Team {
  session: string;
  agents: string[];
}

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

/** Agents of a home's sessions, on these nodes or on its own; each is prompted again when it has answered. */
async function directed(home: Skein, workers: readonly Skein[], prompts: number): Promise<Found> {
  define(home);
  await home.cli('up');
  // What was started is ended by its pid.
  await home.status();
  const names = await joined(home, workers);
  const connected = await connectSkein({ home: home.home, start: false });
  const teams = await started(connected, home, workers, names);
  const rate = await answered(connected, teams, prompts);
  const { pid } = await home.status();
  const memory = pss([pid]);
  // Twice: the first look of all has nothing to compare with.
  await connected.client.ask('load', { everywhere: true, wait: 10_000 });
  await sleep(1_000);
  const began = performance.now();
  const answer = await connected.client.ask('load', { everywhere: true, wait: 10_000 });
  const look = performance.now() - began;
  connected.close();
  return { rate, memory, look, frames: await topFrames(answer, WIDTHS) };
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
      await worker.status();
      const { locator } = JSON.parse(await worker.cli('node', 'show', '--json'));
      await home.cli('node', 'add', locator, '--name', `w${n}`);
      await worker.cli('grant', peer, '--agents', 'answers', '--dirs', worker.home, '--max', '16');
      return `w${n}`;
    }),
  );
}

/** Ten agents in each of five sessions; every session's on a node of its own, where there are others. */
async function started(
  connected: Connected,
  home: Skein,
  workers: readonly Skein[],
  names: readonly string[],
): Promise<Team[]> {
  return Promise.all(
    Array.from({ length: NODES }, async (_, n) => {
      const [worker, on] = [workers[n], names[n]];
      const place = worker === undefined || on === undefined ? {} : { on, there: { dir: worker.home } };
      const session = `team${n}`;
      const first = await connected.spawn('answers', { session, as: 'a0', cwd: home.home, ...place });
      const agents = [first.id];
      for (let i = 1; i < AGENTS / NODES; i++) {
        const { id } = await connected.spawn('answers', { in: session, as: `a${i}`, ...place });
        agents.push(id);
      }
      return { session: first.session, agents };
    }),
  );
}

/** Prompts a second of all together, from when each has answered one until each has answered all. */
async function answered(connected: Connected, teams: readonly Team[], prompts: number): Promise<number> {
  let cold = teams.reduce((sum, { agents }) => sum + agents.length, 0);
  let [began, done] = [0, 0];
  await Promise.all(
    teams.map(async ({ session, agents }) => {
      const state = await connected.session(session);
      const left = new Map(agents.map((agent) => [agent, prompts + 1]));
      const runs = new Map(Object.entries(state.agents).map(([agent, { run }]) => [run?.run, agent]));
      const prompt = (agent: string) =>
        connected.client.command(`session/${session}`, 'prompt.queue', {
          ...{ agent, prompt: newId(), parts: [{ type: 'text', text: 'Go on.' }] },
        });
      await Promise.all(agents.map(prompt));
      for await (const { type, body } of connected.events(session, state.cursor)) {
        if (type === 'agent.started') runs.set(body.run, body.agent);
        if (type !== 'turn.ended') continue;
        const agent = runs.get(body.run) ?? '';
        const more = (left.get(agent) ?? 0) - 1;
        left.set(agent, more);
        if (more === prompts) {
          cold--;
          if (cold === 0) began = performance.now();
        }
        if (cold === 0) done++;
        if (more > 0) void prompt(agent);
        else if ([...left.values()].every((n) => n <= 0)) return;
      }
    }),
  );
  return (done * 1_000) / (performance.now() - began);
}
