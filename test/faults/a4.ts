/**
 * A4: agents that misbehave: one that prints without end, one line without end, garbage, nothing, or no protocol; that exits
 * at once, never reads, never ends its turn, closes its output, leaves a daemon. Each is told by typed events, node and hosts do
 * not grow by more than 64 MiB, and the session goes on: another agent in it answers. `count` is the MiB that are printed, by an
 * agent of each protocol. And prompts of 5 MB arrive whole, within the same memory (rules A1, A2, A6, C2, H2, H4).
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentState } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import type { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { destroyHome, hostsOf, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { defineAgent, Played, PROTOCOLS, type ProtocolName } from '../support/played.ts';
import { kill, pss, until, withEnvironment } from '../support/processes.ts';
import { Random } from '../support/random.ts';
import { connectNode } from '../support/transport.ts';
import { Failures, type Fault, round } from './fault.ts';

const MIB = 1024 * 1024;
/** Bytes by which node and hosts may grow together: with the machine to themselves, and beside other tests. */
const GROWTH = 64 * MIB;
const GROWTH_BESIDE = 256 * MIB;
const PROMPT = 5 * MIB;
/** Milliseconds after which what is left is looked at. */
const REST_MS = 30_000;
/** Milliseconds without progress after which these agents count as stuck. */
const STUCK_MS = 300;

/** Ways to print, of which there is more than a little; they are tried in every protocol, the others in one. */
const PLAIN: ProtocolName = 'acp';
const PRINTING = ['protocol', 'garbage', 'endless-line'];

/** What must be told of each; a regular expression finds it among the events of its run, as `type code`. */
const WAYS: Record<string, RegExp> = {
  protocol: /turn\.ended done/,
  garbage: /agent\.fault agent_unintelligible.*turn\.ended lost/,
  'endless-line': /agent\.fault agent_line_too_long.*turn\.ended done/,
  'closed-output': /agent\.stuck/,
  'never-reads': /agent\.stuck/,
  'never-ends': /agent\.stuck/,
  'exits-at-once': /agent\.exited 3/,
  'no-protocol': /agent\.fault agent_unintelligible/,
  'deaf-and-dumb': /agent\.stuck/,
  'leaves-daemon': /agent\.exited 0/,
};

const TRIALS = PROTOCOLS.flatMap((protocol) =>
  Object.keys(WAYS)
    .filter((way) => protocol === PLAIN || PRINTING.includes(way))
    .map((way): [string, ProtocolName] => [way, protocol]),
);

export const a4: Fault = async ({ count, seed, timing, log }) => {
  const failures = new Failures();
  const home = makeHome();
  const node = await NodeProcess.start(home);
  const client = await connectNode(home, { retryFor: 60_000 });
  const figures: Record<string, number> = {};
  try {
    const played = await Played.open(client, home, new Random(seed));
    const memory = new Memory(() => [node.pid, ...hostsOf(home).map(({ pid }) => pid)]);
    played.log.most = 4_096;
    for (const [way, protocol] of TRIALS) {
      const name = `${protocol === PLAIN ? '' : `${protocol}_`}${way.replaceAll('-', '_')}`;
      log(`A4: ${name}`);
      const began = performance.now();
      failures.add(...(await one(client, home, played, { way, protocol, mib: count })));
      figures[`${name}_mib`] = memory.take();
      if (performance.now() - began > 5_000) figures[`${name}_s`] = round((performance.now() - began) / 1000);
    }
    // What is only garbage is gone when a node has come to rest.
    if (timing) await sleep(REST_MS);
    figures.left_mib = memory.settled();
    failures.add(...(await bigPrompts(played)));
    figures.prompts_mib = memory.take();
    const limit = timing ? GROWTH : GROWTH_BESIDE;
    const most = Math.max(...memory.grown);
    if (most > limit / MIB) failures.add(`node and hosts grew by ${most} MiB`);
    if (timing) await sleep(REST_MS);
    figures.prompts_left_mib = memory.settled();
    memory.stop();
    played.log.stop();
    failures.add(...played.problems, ...played.log.problems);
    return { id: 'A4', runs: count, failures: failures.all, seed, skipped: [], figures };
  } finally {
    client.close();
    await node.kill();
    destroyHome(home);
  }
};

/** One that misbehaves is added to the session, prompted, ended and removed; then another answers. */
async function one(
  client: Client,
  home: string,
  played: Played,
  { way, protocol, mib }: { way: string; protocol: ProtocolName; mib: number },
): Promise<string[]> {
  const { session } = played.log;
  const target = `session/${session}`;
  const args = [join(import.meta.dirname, '../support/wild-agent.ts'), way, String(mib), protocol];
  const program = { driver: protocol, command: process.execPath, args };
  const definition = `${protocol}-${way}`;
  defineAgent(home, definition, { ...program, stuckAfter: `${STUCK_MS}ms`, restart: { when: 'never' } });
  const { agent, run } = { agent: newId(), run: newId() };
  const { log } = played;
  await client.command(target, 'agent.add', { agent, run, definition });
  const problems: string[] = [];
  const parts = [{ type: 'text' as const, text: 'Go.' }];
  await client.command(target, 'prompt.queue', { agent, prompt: newId(), parts }).catch((error: Error) => {
    // One that has ended already takes no prompt.
    if (!/exited|failed/.test(error.message)) throw error;
  });
  const told = () => log.events.flatMap((event) => (runOf(event) === run ? [labelOf(event)] : [])).join(' ');
  await log
    .until(`${way} is told`, () => WAYS[way]?.test(told()) === true, 60_000 + mib * 500)
    .catch((error: Error) => problems.push(`${error.message}: ${told().slice(-300)}`));
  // What counts is text; the rest of its lines is their frame.
  if (way === 'protocol' && (log.counted.get(run) ?? 0) < mib * MIB * 0.9)
    problems.push(`of ${mib} MiB there came ${log.counted.get(run)} characters`);
  const daemons = withEnvironment('SKEIN_RUN', run);
  const now = (): AgentState | undefined => log.state.agents[agent];
  if (now()?.life === 'running')
    await client.command(target, 'agent.stop', { agent, grace: 200 }).catch((error: SkeinError) => {
      // One that speaks no protocol is ended by its node.
      if (error.code !== 'not_running') throw error;
    });
  await log
    .until(`${way} is ended`, () => now()?.life !== 'running' && now()?.life !== 'starting', 10_000)
    .catch((error: Error) => problems.push(error.message));
  if (way === 'leaves-daemon') for (const pid of daemons) kill(pid);
  await until('gone', () => withEnvironment('SKEIN_RUN', run).length === 0, 5_000).catch(() =>
    problems.push(`of ${way} there lives ${withEnvironment('SKEIN_RUN', run)}`),
  );
  await client.command(target, 'agent.remove', { agent });
  const given = await played.give(PROTOCOLS[0], 'ask');
  await played.ended(given);
  return [...problems, ...played.judge(given)];
}

const runOf = ({ body }: { body: unknown }) => (body as { run?: unknown }).run;

function labelOf({ type, body }: { type: string; body: unknown }): string {
  const { code = '', reason = '' } = body as { code?: unknown; reason?: unknown };
  return `${type} ${type === 'turn.ended' ? reason : code}`;
}

/** A prompt of 5 MB reaches each agent whole: what it was written is looked at. */
async function bigPrompts(played: Played): Promise<string[]> {
  const problems: string[] = [];
  for (const protocol of PROTOCOLS) {
    const filler = Array.from({ length: PROMPT / 16 }, (_, i) => `${String(i).padStart(11, '0')} é"\n`).join(
      '',
    );
    const given = await played.give(protocol, 'talk', filler);
    await played.ended(given);
    const written = played.linesTo(protocol).find((line) => line.includes(`#${given.tag}#`)) ?? '';
    const found = stringsIn(written === '' ? null : JSON.parse(written)).find((text) =>
      text.includes(filler.slice(0, 64)),
    );
    if (found === undefined || hash(found.slice(-filler.length)) !== hash(filler))
      problems.push(`a prompt of 5 MB came to ${protocol} as ${found?.length} characters`);
    problems.push(...played.judge(given));
  }
  return problems;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(stringsIn);
}

/** How much some processes together have grown, looked at often. */
class Memory {
  readonly #pids: () => number[];
  readonly #before: number;
  readonly #timer: NodeJS.Timeout;
  #most = 0;
  readonly grown: number[] = [];

  constructor(pids: () => number[]) {
    this.#pids = pids;
    this.#before = this.#now();
    this.#timer = setInterval(() => this.#look(), 100);
  }

  /** MiB by which they had grown at most since the last time. */
  take(): number {
    this.#look();
    const grown = round(this.#most / MIB, 0);
    this.grown.push(grown);
    this.#most = 0;
    return grown;
  }

  /** MiB by which they are larger now; what was more until now is forgotten. */
  settled(): number {
    this.#most = 0;
    this.#look();
    return round(this.#most / MIB, 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#most = Math.max(this.#most, this.#now() - this.#before);
  }

  #now(): number {
    return this.#pids().reduce((sum, pid) => sum + pss(pid), 0);
  }
}
