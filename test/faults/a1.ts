/**
 * A1: `kill -9` of the node in the middle of turns of agents of every protocol and of agents in a terminal, a quarter of them
 * once more while it recovers. Each turn ends as it would have, no event is lost or comes twice, each byte reaches its agent
 * once, and what was asked before is answered after. `count` is the number of kills in the middle of a turn of each (rules A2,
 * A4, A5, A7, H1, H3, L1, K2).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { type Given, Played, PROTOCOLS, type ProtocolName, TERMINALS } from '../support/played.ts';
import { PLAY_NAMES } from '../support/plays.ts';
import { Random } from '../support/random.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault } from './fault.ts';
import { judgeLog, judgeProcesses, judgeWritten } from './judge-turns.ts';

/** Milliseconds after the beginning of its turns within which a node is killed; a turn takes about as long. */
const WITHIN_MS = 400;
/** The same for agents in a terminal, whose turns take longer: the end of some is believed only after a while. */
const TYPED_WITHIN_MS = 1_500;

const ALL: readonly ProtocolName[] = [...PROTOCOLS, ...TERMINALS];

export const a1: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  const midTurn = new Map<ProtocolName, number>(ALL.map((protocol) => [protocol, 0]));
  let askedBefore = 0;
  let recovering = 0;
  let kills = 0;
  try {
    const groups = [PROTOCOLS, ...TERMINALS.map((terminal) => [terminal] as const)];
    const sessions: Played[] = [];
    for (const group of groups) sessions.push(await Played.open(client, home, random, group));
    const of = (protocol: ProtocolName) => sessions.find((one) => one.has(protocol)) as Played;
    const given: Given[] = [];
    const began = sessions.map(({ all }) => all.map(({ run }) => ({ ...run })));
    for (const played of sessions) played.slowness = WITHIN_MS;
    while (Math.min(...midTurn.values()) < count) {
      const round: Given[] = [];
      for (const protocol of ALL) {
        round.push(await of(protocol).give(protocol, random.pick(PLAY_NAMES)));
        if (random.chance(0.3)) round.push(await of(protocol).give(protocol, random.pick(PLAY_NAMES)));
      }
      given.push(...round);
      // Half of what is asked is only answered by the next life of the node.
      attend(sessions, random.chance(0.5));
      await sleep(random.chance(0.7) ? random.int(0, WITHIN_MS / 2) : random.int(0, TYPED_WITHIN_MS));
      for (const protocol of ALL)
        if (of(protocol).agent(protocol).turn !== null)
          midTurn.set(protocol, (midTurn.get(protocol) ?? 0) + 1);
      await node.kill();
      kills++;
      askedBefore += sessions.flatMap(({ open }) => open).length;
      if (random.chance(0.25)) {
        recovering++;
        node = NodeProcess.launch(home);
        await sleep(random.int(0, 250));
        await node.kill();
      }
      node = await NodeProcess.start(home);
      attend(sessions, true);
      for (const one of round) await of(one.protocol).ended(one);
      failures.add(...round.flatMap((one) => of(one.protocol).judge(one)));
      failures.add(...sessions.flatMap((played) => [...played.problems, ...played.log.problems]));
      if (failures.list.length > 0) break;
      log(`A1: ${kills} kills, in the middle of turns ${[...midTurn.values()].join(', ')}`);
    }
    for (const [index, played] of sessions.entries()) {
      failures.add(...judgeWritten(played, given), ...judgeProcesses(played, began[index] ?? []));
      failures.add(...(await judgeLog(client, played)));
      played.log.stop();
    }
    const figures = Object.fromEntries([...midTurn].map(([protocol, kills]) => [`mid_${protocol}`, kills]));
    return {
      ...{ id: 'A1', runs: kills, failures: failures.all, seed, skipped: [] },
      figures: { turns: given.length, recovering, ...figures, asked_before_answered_after: askedBefore },
    };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

function attend(sessions: readonly Played[], answering: boolean): void {
  for (const played of sessions) {
    played.answering = answering;
    played.attend();
  }
}
