/**
 * A2: `kill -9` of agents, of the host that holds them, and of either together with the node, in the middle of turns. A run
 * that was killed is recorded: its turn is lost, its questions are orphaned, its queue goes on in a new run with the agent's
 * own session; nothing of it lives on, and no prompt reaches an agent twice. `count` is the number of kills (rules A6, A5,
 * H4, K4).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentState } from '@skein/protocol/agents/state';
import { destroyHome, hostsOf, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { type Given, Played, PROTOCOLS } from '../support/played.ts';
import { PLAY_NAMES, tagsIn } from '../support/plays.ts';
import { kill, until, withEnvironment } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault } from './fault.ts';

/** Milliseconds after the first prompt within which something is killed. */
const WITHIN_MS = 300;

const VICTIMS = ['agent', 'agents', 'host', 'agents and node', 'host and node', 'node and host'] as const;

export const a2: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  const figures = { lost_turns: 0, orphaned: 0, new_runs: 0, with_node: 0 };
  let runs = 0;
  try {
    const played = await Played.open(client, home, random);
    played.slowness = WITHIN_MS;
    played.late = ['no_turn', 'gone'];
    for (; runs < count && failures.list.length === 0; runs++) {
      const round: Given[] = [];
      for (const protocol of PROTOCOLS)
        for (let i = 0; i < 2; i++) round.push(await played.give(protocol, random.pick(PLAY_NAMES)));
      played.answering = random.chance(0.5);
      played.attend();
      await sleep(random.int(0, WITHIN_MS));
      const victim = random.pick(VICTIMS);
      const doomed = victim === 'agent' ? [random.pick(played.all)] : [...played.all];
      const nodeToo = victim.includes('node');
      if (victim.startsWith('node')) await node.kill();
      if (victim.includes('host')) killHost(home, doomed[0]);
      else for (const { run } of doomed) kill(run?.pid ?? 0);
      if (nodeToo) {
        figures.with_node++;
        if (random.chance(0.5)) await sleep(random.int(0, 30));
        await node.kill();
        node = await NodeProcess.start(home);
      }
      played.answering = true;
      const killed = doomed.flatMap(({ run }) => (run === null ? [] : [run.run]));
      await played.log
        .until('every agent has gone on', () => goneOn(played, killed))
        .catch((error: Error) => failures.add(`${victim}: ${error.message}: ${tell(played)}`));
      if (failures.list.length > 0) break;
      for (const { agent } of doomed) failures.add(...judgeResumed(played.log.state.agents[agent]));
      for (const one of round) failures.add(...judgeTurn(played, one, killed, figures));
      failures.add(...(await judgeRuns(played, killed, figures)), ...played.problems, ...played.log.problems);
      figures.new_runs += killed.length;
      if (failures.list.length > 0) failures.add(`after the end of ${victim}`);
      log(`A2: ${runs + 1} of ${count}: ${victim}`);
    }
    played.log.stop();
    return { id: 'A2', runs, failures: failures.all, seed, skipped: [], figures };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

function killHost(home: string, agent: AgentState | undefined): void {
  const host = hostsOf(home).find(({ id }) => id === agent?.run?.host);
  if (host === undefined) throw new Error(`there is no host of ${JSON.stringify(agent?.run)}`);
  kill(host.pid);
}

/** Every agent has nothing left to do, and none is in a run that was killed. */
function goneOn(played: Played, killed: readonly string[]): boolean {
  played.attend();
  return played.all.every(
    ({ run, life, turn, queue }) =>
      life === 'running' &&
      run?.ready === true &&
      !killed.includes(run.run) &&
      turn === null &&
      queue.length === 0,
  );
}

function judgeResumed(agent: AgentState | undefined): string[] {
  const good = agent?.run?.resume === `own-${agent?.name}`;
  return good ? [] : [`${agent?.name} did not go on with its own session: ${JSON.stringify(agent?.run)}`];
}

/** A turn is as it would have been, or lost with its run; its prompt was written once, or never because it was lost. */
function judgeTurn(
  played: Played,
  given: Given,
  killed: readonly string[],
  figures: { lost_turns: number },
): string[] {
  const turn = played.log.turnOf(given.prompt);
  const runs = new Set(played.log.of('agent.starting').map(({ body }) => (body as { run: string }).run));
  const written = [...runs]
    .flatMap((run) => tagsIn(played.writtenTo(run)))
    .filter((tag) => tag === given.tag);
  if (turn?.end !== 'lost')
    return [
      ...played.judge(given),
      ...(written.length === 1 ? [] : [`prompt ${given.tag} was written ${written.length} times`]),
    ];
  figures.lost_turns++;
  return [
    ...(killed.includes(turn.run) ? [] : [`turn ${given.tag} of a run that lives is lost`]),
    ...(written.length <= 1 ? [] : [`the lost prompt ${given.tag} was written ${written.length} times`]),
  ];
}

/** Nothing of a run that was killed lives, is open, or ended twice. */
async function judgeRuns(
  { log }: Played,
  killed: readonly string[],
  figures: { orphaned: number },
): Promise<string[]> {
  const problems: string[] = [];
  for (const run of killed) {
    const of = (type: string) => log.of(type).filter(({ body }) => (body as { run?: unknown }).run === run);
    if (of('agent.exited').length !== 1) problems.push(`run ${run} ended ${of('agent.exited').length} times`);
    figures.orphaned += of('approval.orphaned').length;
    const open = Object.values(log.state.approvals).filter((one) => one.run === run);
    if (open.length > 0) problems.push(`run ${run} has ended, and asks still`);
    await until('gone', () => withEnvironment('SKEIN_RUN', run).length === 0, 5_000).catch(() =>
      problems.push(`of run ${run} there lives ${withEnvironment('SKEIN_RUN', run)}`),
    );
  }
  return problems;
}

function tell(played: Played): string {
  return JSON.stringify(
    played.all.map(({ name, life, run, turn, queue, why, attempt }) => ({
      ...{ name, life, ready: run?.ready, turn: turn?.turn, queue: queue.length, why, attempt },
    })),
  );
}
