/**
 * Real agents that are told to add a line to the same file at the same time, in one directory: a workspace of Skein's, or none. Each
 * reads it, and writes it anew with its own line; where that is refused it does both again.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@skein/protocol/ids';
import type { Member } from '../agents/product/member.ts';
import { Stage, type Wanted } from '../agents/product/stage.ts';
import { text } from '../agents/product/steps.ts';
import type { RawAgent } from '../agents/raw-agent.ts';
import type { Step } from '../model/marker.ts';
import { until } from '../support/processes.ts';
import type { Random } from '../support/random.ts';

const FILE = 'shared.txt';
const BASE = '* base';
const NO_PAUSE = { seed: 0, pause: 0 };
/** Rounds of one session: what agents remember of earlier ones makes each a little slower. */
const ROUNDS = 20;

/** Milliseconds after which a file that is read is what it was when the reading began, whoever tells of it late. */
const SETTLED_MS = 200;

/** Asks nobody: what is looked at is what claims keep from being written, not what people do. */
export const POLICY = 'rules:\n  - allow: { kind: [read, search, edit, execute] }\n';

export interface Round {
  /** Lines that were to be there at the end and are not. */
  lost: string[];
  /** How each turn ended, unless it was as it should. */
  odd: string[];
  /** Writes that were refused by the gate, and agents that had to try again, for that or for a reason of their own. */
  refused: number;
  again: number;
  ms: number;
}

export class SharedFile {
  readonly stage: Stage;
  readonly #agents: readonly RawAgent[];
  /** The workspace's id, if there is one. */
  readonly #workspace: string | undefined;
  #members: Member[] = [];
  #rounds = 0;

  private constructor(stage: Stage, agents: readonly RawAgent[], workspace: string | undefined) {
    this.stage = stage;
    this.#agents = agents;
    this.#workspace = workspace;
  }

  static async start(wanted: readonly Wanted[], workspace: boolean): Promise<SharedFile> {
    const stage = await Stage.start(wanted);
    writeFileSync(join(stage.skein.home, 'policy.yaml'), POLICY, { mode: 0o600 });
    const id = workspace ? newId() : undefined;
    if (id !== undefined) {
      const source = { kind: 'local', dir: stage.site.cwd } as const;
      await stage.client.command('node', 'workspace.create', {
        ...{ id, name: 'app', source, strict: false, keep: 'always' as const },
      });
      await stage.client.ask('prepared', { workspace: id });
    }
    return new SharedFile(
      stage,
      wanted.map(({ agent }) => agent),
      id,
    );
  }

  /**
   * One round: pauses of up to `pause` milliseconds before each thing that an agent does. In half of them all have read the file
   * before one writes it.
   */
  async round(random: Random, pause: number): Promise<Round> {
    const { model } = this.stage.site;
    const steps = this.#agents.map(() => ({ seed: random.int(0, 999_999_999), pause }));
    if (random.chance(0.5))
      return this.#play((line, n) => ({ step: 'edit', path: FILE, line, ...NO_PAUSE, ...steps[n] }));
    const gates = this.#agents.map(({ name }) => `${name}-${this.#rounds}`);
    const order = random.chance(0.5) ? gates : gates.toReversed();
    return this.#play(
      (line, n) => ({ step: 'edit', path: FILE, line, ...NO_PAUSE, ...steps[n], gate: gates[n] as string }),
      async (prompt, members) => {
        const prompts = await Promise.all(members.map(prompt));
        await Promise.all(gates.map((gate) => model.held(gate)));
        for (const gate of order) {
          model.release(gate);
          await sleep(random.int(0, pause));
        }
        return prompts;
      },
    );
  }

  /** The first agent has read the file when the others begin, and writes when they have ended. */
  async overtaken(): Promise<Round> {
    const { model } = this.stage.site;
    const gate = `overtaken-${this.#rounds}`;
    return this.#play(
      (line, n) => ({ step: 'edit', path: FILE, line, ...NO_PAUSE, ...(n === 0 ? { gate } : {}) }),
      async (prompt, members) => {
        const first = await prompt(members[0] as Member, 0);
        await model.held(gate);
        const others = await Promise.all(members.slice(1).map((member, n) => prompt(member, n + 1)));
        await Promise.all(others.map((other, n) => members[n + 1]?.ended(other)));
        // A turn's claims go a moment after it has ended: it is not held up by them that the first is to learn.
        await until('nobody holds the file', async () => (await this.#claims()) === 0);
        model.release(gate);
        return [first, ...others];
      },
    );
  }

  async #claims(): Promise<number> {
    if (this.#workspace === undefined) return 0;
    return (await this.stage.client.ask('claims', { workspace: this.#workspace })).claims.length;
  }

  async #play(
    stepOf: (line: string, n: number) => Step,
    lead: (
      prompt: (member: Member, n: number) => Promise<string>,
      members: readonly Member[],
    ) => Promise<string[]> = (prompt, members) => Promise.all(members.map(prompt)),
  ): Promise<Round> {
    const members = await this.#ready();
    const round = ++this.#rounds;
    const file = join(this.stage.site.cwd, FILE);
    writeFileSync(file, `${BASE}\n`);
    // What has changed a moment ago may have changed while it was read: nobody is said to know it.
    await until('the file is as old as that', () => Date.now() - statSync(file).ctimeMs > SETTLED_MS);
    const lines = this.#agents.map(({ name }) => `* ${name}-${round}`);
    const before = members[0]?.log.events.length ?? 0;
    const began = performance.now();
    const prompts = await lead(
      (member, n) => member.prompt(stepOf(lines[n] as string, n), text('Edited.')),
      members,
    );
    const odd: string[] = [];
    let again = 0;
    for (const [n, member] of members.entries()) {
      const prompt = prompts[n] as string;
      const ended = await member.ended(prompt);
      // One that reads and one that writes.
      if (member.calls(prompt).length > 2) again += 1;
      const said = member.said(prompt).join(' ');
      if (ended !== 'done' || !said.includes('Edited.')) odd.push(`${lines[n]} ${ended}: ${said}`);
    }
    const ms = Math.round(performance.now() - began);
    const there = readFileSync(file, 'utf8').split('\n');
    const refused = members[0]?.log.events.slice(before).filter(({ type }) => type === 'claim.refused') ?? [];
    const lost = [BASE, ...lines].filter((line) => !there.includes(line));
    return { lost, odd, refused: refused.length, again, ms };
  }

  /** What the agents have been told at their last refusals, the newest last. */
  get words(): string[] {
    const events = this.#members[0]?.log.events ?? [];
    return events.flatMap(({ type, body }) => (type === 'claim.refused' ? [String(body.message)] : []));
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }

  /** Kills the node in the middle of what the agents do, and starts another. */
  async killNode(): Promise<void> {
    await this.stage.killNode();
    await this.stage.startNode();
  }

  /** The members of the present session: all agents, ready. */
  async #ready(): Promise<readonly Member[]> {
    if (this.#rounds % ROUNDS !== 0 && this.#members.length > 0) return this.#members;
    for (const member of this.#members) await member.end();
    const [first, ...others] = this.#agents;
    const member = await this.stage.spawn(first as RawAgent);
    const members = [member];
    for (const agent of others) members.push(await this.stage.add(member, agent));
    for (const one of members) await one.ready();
    this.#members = members;
    return members;
  }
}
