/**
 * A session with an agent of every protocol (played-agent.ts), or with one in a terminal of its own (played-terminal.ts), given
 * turns to play, answered and cancelled as it asks.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentState, Approval } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { AgentLog, normalForm } from './agent-log.ts';
import { PLAY_NAMES, type PlayName, promptFor } from './plays.ts';
import type { Random } from './random.ts';

export const PROTOCOLS = ['claude', 'acp', 'codex'] as const;
/** Those in a terminal, each the only agent of its session: told by its hooks, or by its screen alone. */
export const TERMINALS = ['hooks', 'screen'] as const;
export type ProtocolName = (typeof PROTOCOLS)[number] | (typeof TERMINALS)[number];

const BUNDLE = join(import.meta.dirname, '../../packages/cli/dist/skein.cjs');
export const SIZE = { cols: 80, rows: 24 };
/** How the screens of the one without hooks are read. */
const PATTERNS = { waiting: 'Esc to cancel', working: 'esc to interrupt', ready: '^❯\\s*$' };

/** Bytes of a long prompt that are handed over at once. */
const PIECE = 64 * 1024;

/** One turn that was asked for. */
export interface Given {
  protocol: ProtocolName;
  play: PlayName;
  prompt: string;
  tag: string;
}

/** Defines an agent of a test's own; its options are those of a definition's file. */
export function defineAgent(home: string, name: string, lines: Record<string, unknown>): void {
  const folder = join(home, 'agents');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const all = { version: false, ...lines };
  const text = Object.entries(all).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  writeFileSync(join(folder, `${name}.yaml`), text.join(''), { mode: 0o600 });
}

export const inTerminal = (protocol: ProtocolName) => TERMINALS.some((one) => one === protocol);

/** Defines `played-PROTOCOL`, which keeps what it is written in `folder`; `words` are of its oddities (plays.ts). */
export function definePlayed(
  home: string,
  folder: string,
  protocol: ProtocolName,
  words: string[] = [],
): void {
  const name = `played-${protocol}`;
  const command = process.execPath;
  const program = (file: string) => [join(import.meta.dirname, file), protocol, folder];
  if (inTerminal(protocol)) {
    const pty = protocol === 'hooks' ? { hooks: 'claude' } : { screen: PATTERNS };
    return defineAgent(home, name, {
      driver: 'pty',
      command,
      args: [...program('played-terminal.ts'), BUNDLE, ...words],
      pty,
    });
  }
  const restart = { when: 'on-failure', most: 1_000, delay: '20ms' };
  defineAgent(home, name, {
    driver: protocol,
    command,
    args: [...program('played-agent.ts'), ...words],
    restart,
  });
}

export class Played {
  readonly log: AgentLog;
  readonly #client: Client;
  readonly #folder: string;
  readonly #agents: ReadonlyMap<ProtocolName, string>;
  readonly #random: Random;
  readonly #plays = new Map<string, PlayName>();
  readonly problems: string[] = [];
  /** Codes with which an answer or a cancel may be refused: where runs end meanwhile. */
  late: readonly string[] = [];
  /** What each turn comes to when nothing disturbs it, by protocol and play. */
  readonly expected = new Map<string, string>();
  /** Lines that each turn writes to its agent, and that its start does. */
  readonly #lines = new Map<string, number>();
  /** What somebody has taken upon himself to answer or cancel. */
  readonly #taken = new Set<string>();
  /** Milliseconds that an answer takes, at most. */
  slowness = 0;
  /** Answered no more, until it is set again. */
  answering = true;
  #tag = 0;

  private constructor(
    client: Client,
    log: AgentLog,
    folder: string,
    agents: ReadonlyMap<ProtocolName, string>,
    random: Random,
  ) {
    this.#client = client;
    this.log = log;
    this.#folder = folder;
    this.#agents = agents;
    this.#random = random;
    log.changed = () => this.attend();
  }

  /** Opens a session with one agent of each of these, ready, and sees each turn once with nothing to disturb it. */
  static async open(
    client: Client,
    home: string,
    random: Random,
    protocols: readonly ProtocolName[] = PROTOCOLS,
  ): Promise<Played> {
    const folder = join(home, '..', 'written');
    mkdirSync(folder, { recursive: true });
    const session = newId();
    const agents = new Map<ProtocolName, string>();
    for (const protocol of protocols) {
      definePlayed(home, folder, protocol);
      const agent = newId();
      agents.set(protocol, agent);
      const pty = inTerminal(protocol) ? { pty: SIZE } : {};
      const spec = { agent, run: newId(), definition: `played-${protocol}`, name: protocol };
      if (protocol === protocols[0])
        await client.command('node', 'session.open', {
          id: session,
          cwd: '/tmp',
          agent: { ...spec, ...pty },
        });
      else await client.command(`session/${session}`, 'agent.add', spec);
    }
    const log = new AgentLog(client, session);
    const played = new Played(client, log, folder, agents, random);
    const ready = () =>
      played.all.length === protocols.length && played.all.every(({ run }) => run?.ready === true);
    await log.until('every agent is ready', ready);
    for (const protocol of protocols) {
      played.#lines.set(protocol, played.linesTo(protocol).length);
      for (const play of PLAY_NAMES) await played.#calibrate(protocol, play);
    }
    return played;
  }

  async #calibrate(protocol: ProtocolName, play: PlayName): Promise<void> {
    const before = this.linesTo(protocol).length;
    const given = await this.give(protocol, play);
    await this.ended(given);
    const turn = this.log.turnOf(given.prompt);
    if (turn !== undefined) this.expected.set(`${protocol} ${play}`, normalForm(turn));
    this.#lines.set(`${protocol} ${play}`, this.linesTo(protocol).length - before);
  }

  get protocols(): ProtocolName[] {
    return [...this.#agents.keys()];
  }

  has(protocol: ProtocolName): boolean {
    return this.#agents.has(protocol);
  }

  /** Whether what it is told is typed into a terminal. */
  typed(protocol: ProtocolName): boolean {
    return inTerminal(protocol);
  }

  /** What is asked and not answered. */
  get open(): Approval[] {
    return Object.values(this.log.state.approvals).filter(({ answered }) => answered === null);
  }

  agent(protocol: ProtocolName): AgentState {
    const found = this.log.state.agents[this.#agents.get(protocol) ?? ''];
    if (found === undefined) throw new Error(`there is no agent ${protocol}`);
    return found;
  }

  get all(): AgentState[] {
    return Object.values(this.log.state.agents);
  }

  /** Asks for a turn; `more` follows in the same prompt, and may be long. */
  async give(protocol: ProtocolName, play: PlayName, more = ''): Promise<Given> {
    const tag = String(++this.#tag);
    const prompt = newId();
    const parts = [{ type: 'text' as const, text: promptFor(play, tag) }, ...(await this.#handed(more))];
    const body = { agent: this.agent(protocol).agent, prompt, parts };
    this.#plays.set(prompt, play);
    await this.#client.command(`session/${this.log.session}`, 'prompt.queue', body);
    return { protocol, play, prompt, tag };
  }

  async #handed(text: string): Promise<{ type: 'text'; upload: string }[]> {
    const bytes = Buffer.from(text);
    const ref = this.log.session;
    let handle: string | undefined;
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = { ref, bytes: new Uint8Array(bytes.subarray(at, at + PIECE)) };
      ({ handle } = await this.#client.ask('upload', handle === undefined ? piece : { ...piece, handle }));
    }
    return handle === undefined ? [] : [{ type: 'text', upload: handle }];
  }

  async ended({ prompt, protocol, play, tag }: Given): Promise<void> {
    await this.log
      .until(`turn ${tag} (${play}) of ${protocol} ends`, () => this.log.turnOf(prompt) !== undefined)
      .catch((error: Error) => {
        const { life, turn, queue, run } = this.agent(protocol);
        throw new Error(`${error.message}: ${JSON.stringify({ life, turn, queue: queue.length, run })}`);
      });
  }

  /** What is wrong with a turn that was to end as if nothing had been. */
  judge({ protocol, play, prompt, tag }: Given): string[] {
    const turn = this.log.turnOf(prompt);
    const now = turn === undefined ? 'none' : normalForm(turn);
    const wanted = this.expected.get(`${protocol} ${play}`);
    return now === wanted ? [] : [`turn ${tag} (${play}) of ${protocol} is ${now}, not ${wanted}`];
  }

  /** What was written to a run of an agent, by default its present one's. */
  writtenTo(run: string): string {
    const file = join(this.#folder, `${run}.in`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  linesTo(protocol: ProtocolName): string[] {
    return this.writtenTo(this.agent(protocol).run?.run ?? '')
      .split('\n')
      .slice(0, -1);
  }

  /** Lines that are written to an agent that starts and plays these turns. */
  linesFor(protocol: ProtocolName, plays: readonly PlayName[]): number {
    return [protocol, ...plays.map((play) => `${protocol} ${play}`)].reduce(
      (sum, name) => sum + (this.#lines.get(name) ?? Number.NaN),
      0,
    );
  }

  /** Answers what is asked, and cancels what hangs, each once. */
  attend(): void {
    if (!this.answering) return;
    for (const { approval, answered } of Object.values(this.log.state.approvals))
      if (answered === null) this.#once(approval, 'approval.answer', { approval, answer: 'allow' });
    for (const { agent, turn, run, pty } of this.all) {
      if (turn === null || turn.cancelling) continue;
      // One in a terminal tells what it says only in the end.
      const hangs =
        pty === true ? this.#plays.get(turn.prompt ?? '') === 'hang' : this.#hangs(run?.run, turn.turn);
      if (!hangs) continue;
      this.#once(`${run?.run} ${turn.turn}`, 'turn.cancel', { agent, turn: turn.turn });
    }
  }

  /** It has said all that it says before it waits to be cancelled. */
  #hangs(run: string | undefined, turn: string): boolean {
    const said = this.log.events.flatMap(({ type, body }) => {
      const piece = body as { run?: unknown; turn?: unknown; text?: string };
      const own = piece.run === run && piece.turn === turn;
      return type === 'message.delta' && own ? [piece.text ?? ''] : [];
    });
    return said.join('').endsWith('waiting6 ');
  }

  #once(name: string, type: 'approval.answer' | 'turn.cancel', body: object): void {
    if (this.#taken.has(name)) return;
    this.#taken.add(name);
    const send = () =>
      this.#client
        .command(`session/${this.log.session}`, type as 'turn.cancel', body as never)
        .catch((thrown) => {
          const { code, message } = SkeinError.from(thrown);
          if (!this.late.includes(code)) this.problems.push(`${type}: ${code}: ${message}`);
        });
    if (this.slowness === 0) void send();
    else setTimeout(send, this.#random.int(0, this.slowness));
  }
}
