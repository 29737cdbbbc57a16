/**
 * A job that a lead agent gives to two others on two other machines, and brings together: three machines that cannot reach each
 * other, a relay that all reach, one repository at the lead's (rules X1–X3, N1, W5).
 */
import { agentEvents } from '@skein/protocol/agents/events';
import { Log, type Seen } from '../agents/product/log.ts';
import { Member } from '../agents/product/member.ts';
import type { Wanted } from '../agents/product/stage.ts';
import { text } from '../agents/product/steps.ts';
import { printSteps, type Step } from '../model/marker.ts';
import { git, repository } from '../support/git-repository.ts';
import { Machines } from '../support/machines.ts';
import { until } from '../support/processes.ts';
import { RelaySite } from '../support/relay-site.ts';
import { AgentMachine } from './agent-machine.ts';

const HOME = 'home';
const SITES = ['east', 'west'] as const;
type Place = (typeof SITES)[number];
/** Seconds that the lead waits for those it has started: with everything that happens to them meanwhile. */
const LEAD_WAITS = 300;
/** Milliseconds for what follows the end of a turn. */
const SETTLE_MS = 60_000;

/** Every one of these that a worker tells is to be at home; others depend on what home knew before. */
const COPIED: ReadonlySet<string> = new Set(Object.keys(agentEvents));

const call = (tool: string, input: object): Step => ({
  ...{ step: 'call', tool: `skein.${tool}`, input: JSON.stringify(input) },
  together: false,
});

export interface Done {
  /** What of the work is not on the base, by file. */
  missing: string[];
  /** What is not as it should be besides. */
  odd: string[];
  ms: number;
}

export class Job {
  readonly machines: Machines;
  readonly relay: RelaySite;
  readonly home: AgentMachine;
  readonly workers: Readonly<Record<Place, AgentMachine>>;
  /** What the lead is, and what it starts. */
  readonly #leading: string;
  readonly #worker: string;
  #rounds = 0;

  private constructor(
    machines: Machines,
    relay: RelaySite,
    home: AgentMachine,
    workers: Readonly<Record<Place, AgentMachine>>,
    agents: readonly [lead: string, worker: string],
  ) {
    this.#leading = agents[0];
    this.#worker = agents[1];
    this.machines = machines;
    this.relay = relay;
    this.home = home;
    this.workers = workers;
  }

  /** `worker` is what the lead starts on the others. `granted`: further words of the grants that these give. */
  static async start(lead: Wanted, worker: Wanted, granted: readonly string[] = []): Promise<Job> {
    const machines = new Machines();
    const at = (name: string) => machines.add(name);
    const [homeAt, eastAt, westAt, relayAt] = [at(HOME), at('east'), at('west'), at('relay')];
    const all = [HOME, ...SITES];
    for (const [n, one] of all.entries())
      for (const other of all.slice(n + 1)) machines.between(one, other, 'unreachable');
    const relay = await RelaySite.start(relayAt.address, relayAt.under);
    const home = await AgentMachine.start(homeAt, [lead, worker], relay.url);
    const east = await AgentMachine.start(eastAt, [worker], relay.url);
    const west = await AgentMachine.start(westAt, [worker], relay.url);
    const job = new Job(machines, relay, home, { east, west }, [lead.agent.name, worker.agent.name]);
    job.#acquaint(worker.agent.name, granted);
    job.#workspace();
    return job;
  }

  /** Each of the others lets home start agents there, and home knows where they are found. */
  #acquaint(definition: string, granted: readonly string[]): void {
    const { id } = this.home.skein.json<{ id: string }>('status');
    for (const { skein, name } of Object.values(this.workers)) {
      skein.run('grant', id, '--agents', definition, '--max', '4', ...granted);
      const { locator } = skein.json<{ locator: string }>('node', 'show');
      this.home.skein.run('node', 'add', locator, '--name', name);
    }
  }

  #workspace(): void {
    repository(this.#repository);
    this.home.skein.run('workspace', 'create', 'local', this.#repository, '--name', 'app');
  }

  get #repository(): string {
    return this.home.place.cwd;
  }

  /** A file of the base, as it is now. */
  base(path: string): string | undefined {
    try {
      return git(this.#repository, 'show', `main:${path}`);
    } catch {
      return undefined;
    }
  }

  /**
   * The whole job once: a lead in a session of its own, which starts one on each of the others, waits, reads, and lands both. `during`
   * goes on from its beginning, and is told when it is done.
   */
  async round(during: (done: AbortSignal) => Promise<void> = async () => {}): Promise<Done> {
    const n = ++this.#rounds;
    const began = performance.now();
    const member = await this.#lead();
    const prompt = await member.prompt(
      ...SITES.map((on) => call('spawn', { definition: this.#worker, name: on, on, prompt: workOf(on, n) })),
      call('wait', { agents: [...SITES], timeout: LEAD_WAITS }),
      ...SITES.map((name) => call('transcript', { agent: name })),
      ...SITES.map((name) => call('land', { agent: name, timeout: LEAD_WAITS })),
      text('Both have landed.'),
    );
    const done = new AbortController();
    const meanwhile = during(done.signal);
    const odd: string[] = [];
    try {
      const ended = await member.ended(prompt);
      if (ended !== 'done') odd.push(`the lead's turn ended as ${ended}`);
    } finally {
      done.abort();
      await meanwhile;
    }
    const ms = Math.round(performance.now() - began);
    const calls = member
      .calls(prompt)
      .map(({ name, state, output }) => `${name} ${state} ${JSON.stringify(output)}`);
    for (const [i, on] of SITES.entries())
      if (!calls[SITES.length + 1 + i]?.includes(saidBy(on, n)))
        odd.push(`the lead has not read what ${on} said: ${calls.join(' · ').slice(0, 2_000)}`);
    const files = SITES.map((on) => ({ path: fileOf(on, n), content: contentOf(on, n) }));
    const missing = files.filter(({ path, content }) => this.base(path) !== content).map(({ path }) => path);
    if (missing.length > 0 && odd.length === 0) odd.push(calls.join(' · ').slice(0, 4_000));
    const left = git(this.#repository, 'status', '--porcelain');
    if (left !== '') odd.push(`left behind: ${left}`);
    odd.push(...(await this.#unequal(member.log)));
    await this.#remove(member.log);
    return { missing, odd, ms };
  }

  async #lead(): Promise<Member> {
    const name = `job-${this.#rounds}`;
    const words = ['run', '-d', '--json', '--name', name, '--workspace', 'app', this.#leading];
    const { status, stdout, stderr } = await this.home.skein.later(words);
    if (status !== 0) throw new Error(`skein run: ${stderr}`);
    const { session, agent, ref } = JSON.parse(stdout);
    const client = await this.home.client();
    return new Member(client, new Log(client, session, LEAD_WAITS * 1_000), agent, ref);
  }

  /** Events of the workers' own logs that home has not copied, has twice, or in another order (rule X2). */
  async #unequal({ events }: Log): Promise<string[]> {
    const wrong: string[] = [];
    for (const { body } of events.filter(({ type }) => type === 'far.placed')) {
      const { agent, session } = body;
      const copied = () =>
        events.flatMap(({ source }) =>
          source !== undefined && source.agent === agent ? [source.offset] : [],
        );
      const placed = Object.values(this.workers).find(({ skein }) =>
        skein.json<{ id: string }[]>('ls').some(({ id }) => id === session),
      );
      if (placed === undefined) {
        wrong.push(`no machine has session ${session}`);
        continue;
      }
      const theirs = placed.skein.json<(Seen & { offset: number })[]>('events', session);
      const due = theirs.filter(({ type }) => COPIED.has(type)).map(({ offset }) => offset);
      await until(`${placed.name} is copied`, () => copied().includes(due.at(-1) ?? 0), SETTLE_MS);
      const got = copied();
      const twice = got.filter((offset, i) => i > 0 && offset <= (got[i - 1] ?? 0));
      const lost = due.filter((offset) => !got.includes(offset));
      if (twice.length > 0) wrong.push(`${placed.name}: events ${twice} are there twice or late`);
      if (lost.length > 0) wrong.push(`${placed.name}: events ${lost} were not copied`);
    }
    return wrong;
  }

  /** The session, its agents, and with them what the others keep of it. */
  async #remove(log: Log): Promise<void> {
    const removed = await this.home.skein.later(['rm', '--force', log.session]);
    if (removed.status !== 0) throw new Error(`skein rm: ${removed.stderr}`);
    log.stop();
    const none = () =>
      Object.values(this.workers).every(({ skein }) => skein.json<unknown[]>('ls').length === 0);
    await until('the others keep nothing of it', none, SETTLE_MS);
  }

  async end(): Promise<void> {
    for (const worker of Object.values(this.workers)) await worker.end();
    await this.home.end();
    await this.relay.end();
    this.machines.end();
  }
}

const fileOf = (on: string, n: number) => `parts/${on}-${n}.txt`;
const contentOf = (on: string, n: number) => `${on} did part ${n}`;
const saidBy = (on: string, n: number) => `Part ${n} of ${on} is done.`;

function workOf(on: string, n: number): string {
  const write: Step = {
    step: 'write',
    path: fileOf(on, n),
    content: `${contentOf(on, n)}\n`,
    together: false,
  };
  return printSteps([write, text(saidBy(on, n))]);
}
