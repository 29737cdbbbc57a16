/**
 * A1R: `kill -9` of the node in the middle of turns of the real agents, on the scripted model: they stream, ask to write a file
 * and are cancelled, all at once. Each turn ends as it would have, what is asked before is answered after, files are as they
 * should be, and each agent is the process that it was. `count` is the number of kills in the middle of a turn of each; an
 * agent that is not installed is skipped (rules A1, A2, A4, A5, H1, H3).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { agentPath } from '../../scripts/agents/places.ts';
import { RAW_AGENTS } from '../agents/all.ts';
import type { Member } from '../agents/product/member.ts';
import { normalForm } from '../agents/product/normal.ts';
import { Stage } from '../agents/product/stage.ts';
import { hold, text, think, write } from '../agents/product/steps.ts';
import { written } from '../agents/scenes.ts';
import type { Step } from '../model/marker.ts';
import { lives } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { Failures, type Fault } from './fault.ts';

/** Milliseconds after its turns have been asked for within which a node is killed; a turn takes about as long. */
const WITHIN_MS = 2_000;
/** Pieces that are streamed, and milliseconds between two of them. */
const STREAMED = { pieces: 40, ms: 50 };

const PLAYS = ['stream', 'ask', 'hang'] as const;
type PlayName = (typeof PLAYS)[number];

const STEPS: Record<PlayName, (tag: string) => Step[]> = {
  stream: () => [think('let me see'), { step: 'flood', ...STREAMED }, text('The end.')],
  ask: (tag) => [text('I write it.'), write(`${tag}.txt`, `${tag}\n`), text('It is written.')],
  hang: (tag) => [text('I begin.'), hold(tag), text('Never said.')],
};

/** A turn that was asked for, and its way to its end. */
interface Given {
  member: Member;
  play: PlayName;
  prompt: string;
  tag: string;
  ended: Promise<unknown>;
}

/** What a turn comes to, as far as it may not depend on anything but what was asked for. */
const outcome = ({ member, prompt }: Given) => ({
  order: normalForm(member.log.events, prompt),
  said: member.said(prompt).join('|'),
});

export const a1Real: Fault = async ({ count, seed, log }) => {
  const random = new Random(seed);
  const failures = new Failures();
  const agents = RAW_AGENTS.map((agent) => ({ agent, ...agentPath(agent.name) }));
  const skipped = agents.flatMap(({ missing }) => missing ?? []);
  const wanted = agents.flatMap(({ agent, path, missing }) =>
    missing === undefined ? [{ agent, program: path }] : [],
  );
  const midTurn = new Map<string, number>(wanted.map(({ agent }) => [agent.name, 0]));
  const figures = { turns: 0, asked_before_answered_after: 0 };
  if (wanted.length === 0) return { id: 'A1R', runs: 0, failures: [], seed, skipped, figures };
  const stage = await Stage.start(wanted);
  let kills = 0;
  let tags = 0;
  const give = async (member: Member, play: PlayName, there: Promise<void>): Promise<Given> => {
    const tag = `t${++tags}`;
    const prompt = await member.prompt(...STEPS[play](tag));
    const ended = attend(member, play, prompt, there);
    // Looked at later, when the node is back.
    ended.catch(() => {});
    return { member, play, prompt, tag, ended };
  };
  try {
    const members = new Map<string, Member>();
    const expected = new Map<string, ReturnType<typeof outcome>>();
    const began = new Map<string, { pid: number; start: string }>();
    for (const { agent } of wanted) {
      log(`A1R: ${agent.name} begins`);
      const member = await stage.spawn(agent);
      await member.ready();
      members.set(agent.name, member);
      for (const play of PLAYS) {
        const given = await give(member, play, Promise.resolve());
        await given.ended;
        expected.set(`${agent.name} ${play}`, outcome(given));
      }
      const { pid = 0, start = '' } = (await member.state()).run ?? {};
      began.set(agent.name, { pid, start });
    }
    while (Math.min(...midTurn.values()) < count && failures.list.length === 0) {
      const round = new Map<string, Given>();
      // Half of what is asked is only answered by the next life of the node.
      const { promise: there, resolve: come } = Promise.withResolvers<void>();
      if (random.chance(0.5)) come();
      for (const [name, member] of members) round.set(name, await give(member, random.pick(PLAYS), there));
      await sleep(random.int(0, WITHIN_MS));
      for (const [name, { member, prompt }] of round) {
        if (!runs(member, prompt)) continue;
        midTurn.set(name, (midTurn.get(name) ?? 0) + 1);
        if (asks(member)) figures.asked_before_answered_after++;
      }
      await stage.killNode();
      kills++;
      await stage.startNode();
      come();
      for (const [name, given] of round) {
        const what = `turn ${given.tag} (${given.play}) of ${name}`;
        await given.ended.catch((error: Error) => failures.add(`${what}: ${error.message}`));
        failures.add(...judge(given, expected.get(`${name} ${given.play}`), what));
        if (given.play === 'ask' && written(stage.site, `${given.tag}.txt`) !== `${given.tag}\n`)
          failures.add(`${what} wrote ${written(stage.site, `${given.tag}.txt`)}`);
        figures.turns++;
      }
      log(`A1R: ${kills} kills, in the middle of turns ${[...midTurn].join('; ')}`);
    }
    for (const [name, member] of members) {
      const own = began.get(name) ?? { pid: 0, start: '' };
      if (!lives(own)) failures.add(`${name} is another process`);
      const alone = member.transcript.turns.filter((turn) => turn.turn !== null && turn.prompt === null);
      if (alone.length > 0) failures.add(`${name} had turns that nobody asked for: ${JSON.stringify(alone)}`);
    }
    const mid = Object.fromEntries([...midTurn].map(([name, times]) => [`mid_${name}`, times]));
    return { id: 'A1R', runs: kills, failures: failures.all, seed, skipped, figures: { ...figures, ...mid } };
  } finally {
    await stage.stop();
  }
};

/** Answers or cancels what a turn waits with, as soon as somebody is there; resolves when it has ended. */
async function attend(
  member: Member,
  play: PlayName,
  prompt: string,
  there: Promise<void>,
): Promise<unknown> {
  if (play === 'ask') {
    const approval = await member.asked(prompt);
    await there;
    await member.answer(approval, 'allow');
  }
  if (play === 'hang') {
    await member.hears(prompt, 'I begin.');
    await there;
    await member.cancel();
  }
  return member.ended(prompt);
}

/** The turn of a prompt runs, by what has been told so far. */
function runs({ log }: Member, prompt: string): boolean {
  const at = log.events.findIndex(({ type, body }) => type === 'turn.started' && body.prompt === prompt);
  const { turn, run } = log.events[at]?.body ?? {};
  const over = ({ type, body }: (typeof log.events)[number]) =>
    type === 'turn.ended' && body.turn === turn && body.run === run;
  return at >= 0 && !log.events.some(over);
}

function asks({ log }: Member): boolean {
  const open = new Set<unknown>();
  for (const { type, body } of log.events) {
    if (type === 'approval.asked') open.add(body.approval);
    if (type === 'approval.resolved' || type === 'approval.answered') open.delete(body.approval);
  }
  return open.size > 0;
}

function judge(given: Given, wanted: ReturnType<typeof outcome> | undefined, what: string): string[] {
  const now = outcome(given);
  return isDeepStrictEqual(now, wanted)
    ? []
    : [`${what} is ${JSON.stringify(now)}, not ${JSON.stringify(wanted)}`];
}
