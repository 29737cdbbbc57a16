/**
 * A1: `kill -9` of the node in the middle of turns of agents of every protocol, a quarter of them once more while it
 * recovers. Each turn ends as it would have, no event is lost or comes twice, each byte reaches its agent once, and what was
 * asked before is answered after. `count` is the number of kills (rules A2, A4, A5, H1, H3, L1, K2).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@skein/protocol/client/client';
import { LogReader } from '../support/follow-log.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { type Given, Played, PROTOCOLS } from '../support/played.ts';
import { PLAY_NAMES, tagsIn } from '../support/plays.ts';
import { lives } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault } from './fault.ts';

/** Milliseconds after the beginning of its turns within which a node is killed; a turn takes about as long. */
const WITHIN_MS = 400;

export const a1: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const home = makeHome();
  let node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  const midTurn = { claude: 0, acp: 0, codex: 0 };
  let askedBefore = 0;
  let recovering = 0;
  let kills = 0;
  try {
    const played = await Played.open(client, home, random);
    const given: Given[] = [];
    const began = played.all.map(({ run }) => ({ ...run }));
    played.slowness = WITHIN_MS;
    while (Math.min(...Object.values(midTurn)) < count) {
      const round: Given[] = [];
      for (const protocol of PROTOCOLS) {
        round.push(await played.give(protocol, random.pick(PLAY_NAMES)));
        if (random.chance(0.3)) round.push(await played.give(protocol, random.pick(PLAY_NAMES)));
      }
      given.push(...round);
      // Half of what is asked is only answered by the next life of the node.
      played.answering = random.chance(0.5);
      played.attend();
      await sleep(random.int(0, WITHIN_MS / 2));
      for (const protocol of PROTOCOLS) if (played.agent(protocol).turn !== null) midTurn[protocol]++;
      await node.kill();
      kills++;
      askedBefore += Object.values(played.log.state.approvals).filter((one) => one.answered === null).length;
      if (random.chance(0.25)) {
        recovering++;
        node = NodeProcess.launch(home);
        await sleep(random.int(0, 250));
        await node.kill();
      }
      node = await NodeProcess.start(home);
      played.answering = true;
      played.attend();
      for (const one of round) await played.ended(one);
      failures.add(...round.flatMap((one) => played.judge(one)), ...played.problems, ...played.log.problems);
      if (failures.list.length > 0) break;
      if (kills % 10 === 0) log(`A1: ${kills} kills`);
    }
    failures.add(...judgeWritten(played, given));
    for (const [index, { run }] of played.all.entries()) {
      if (run?.run !== began[index]?.run || !lives({ pid: run?.pid ?? 0, start: run?.start ?? '' }))
        failures.add(`an agent is another process: ${JSON.stringify(run)}`);
    }
    failures.add(...(await judgeLog(client, played)));
    played.log.stop();
    const turns = given.length;
    return {
      ...{ id: 'A1', runs: kills, failures: failures.all, seed, skipped: [] },
      figures: {
        turns,
        recovering,
        ...{ mid_claude: midTurn.claude, mid_acp: midTurn.acp, mid_codex: midTurn.codex },
        asked_before_answered_after: askedBefore,
      },
    };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

/** Each prompt has reached its agent once, in order, and nothing more than would have without a kill. */
function judgeWritten(played: Played, given: readonly Given[]): string[] {
  return PROTOCOLS.flatMap((protocol) => {
    const own = given.filter((one) => one.protocol === protocol);
    const lines = played.linesTo(protocol);
    const tags = tagsIn(lines.join('\n')).slice(PLAY_NAMES.length);
    const wanted = played.linesFor(protocol, [...PLAY_NAMES, ...own.map(({ play }) => play)]);
    // ACP's cancel has no id, and is the same each time: their number counts.
    const named = lines.filter((line) => !line.includes('"session/cancel"'));
    const twice = named.filter((line, index) => named.indexOf(line) !== index);
    const broken = lines.filter((line) => !isJson(line));
    return [
      ...(isDeepStrictEqual(
        tags,
        own.map(({ tag }) => tag),
      )
        ? []
        : [`${protocol} was given ${tags}`]),
      ...(lines.length === wanted ? [] : [`${lines.length} lines came to ${protocol}, not ${wanted}`]),
      ...[...twice, ...broken].map((line) => `came twice to ${protocol}, or broken: ${line}`),
    ];
  });
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** What was followed live, across every kill, is what the log holds. */
async function judgeLog(client: Client, { log }: Played): Promise<string[]> {
  const reader = new LogReader(`session/${log.session}`);
  const events = await reader.catchUp(client);
  await log.until('all is followed', () => log.events.length >= events.length);
  const same = isDeepStrictEqual(log.events.slice(0, events.length), events);
  return [...reader.problems, ...(same ? [] : ['the log is not what was followed'])];
}
