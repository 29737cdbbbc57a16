/** A session with agents as a client sees it: its log followed live, what follows from it, and waiting for that. */
import { type Agents, NO_AGENTS, reduceAgents } from '@skein/protocol/agents/state';
import { emptyTranscript, reduceTranscript, type Turn } from '@skein/protocol/agents/transcript';
import { wholeEvent } from '@skein/protocol/client/blobs';
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { within } from './processes.ts';

export class AgentLog {
  readonly session: string;
  readonly events: StoredEvent[] = [];
  /** Characters of pieces of text that are longer than this are only counted, by run: for those who print without end. */
  most = Number.POSITIVE_INFINITY;
  readonly counted = new Map<string, number>();
  #offset = 0;
  readonly problems: string[] = [];
  state: Agents = NO_AGENTS;
  /** Called after each page of events. */
  changed: () => void = () => {};
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(client: Client, session: string) {
    this.session = session;
    this.#follow(client).catch((error: Error) => {
      if (!this.#stopped) this.problems.push(`following broke off: ${error.message}`);
    });
  }

  /** Resolves once `holds`; looked at after each page of events. */
  async until(what: string, holds: (log: AgentLog) => boolean, patience = 20_000): Promise<void> {
    if (holds(this)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (holds(this)) resolve();
    };
    this.#waiting.add(look);
    await within(patience, what, promise).finally(() => this.#waiting.delete(look));
  }

  stop(): void {
    this.#stopped = true;
  }

  of(type: string): StoredEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  /** The turn that a prompt became, as people read it; undefined before it has ended. */
  turnOf(prompt: string): Turn | undefined {
    const began = this.events.find(
      ({ type, body }) => type === 'turn.started' && (body as { prompt: unknown }).prompt === prompt,
    );
    if (began === undefined) return undefined;
    const { run, turn } = began.body as { run: string; turn: string };
    const own = this.events.filter(({ body }) => {
      const of = body as { run?: unknown; turn?: unknown; approval?: unknown };
      return of.run === run && (of.turn === turn || of.approval !== undefined);
    });
    const { turns } = own.reduce((all, event) => reduceTranscript(all, event), emptyTranscript());
    const found = turns.find((one) => one.turn === turn);
    return found?.end === undefined ? undefined : found;
  }

  #keep(event: StoredEvent): void {
    const { run = '', text = '' } = event.body as { run?: string; text?: string };
    if (!event.type.endsWith('.delta') || text.length <= this.most) this.events.push(event);
    else this.counted.set(run, (this.counted.get(run) ?? 0) + text.length);
  }

  async #follow(client: Client): Promise<void> {
    const from = { offset: 0 };
    for await (const page of client.subscribe({ stream: `session/${this.session}`, from, follow: true })) {
      if (this.#stopped) return;
      const due = this.#offset + 1;
      if (page.first !== due) this.problems.push(`offset ${page.first} came where ${due} was due`);
      for (const told of page.events) {
        const event = await wholeEvent(client, `session/${this.session}`, ++this.#offset, told);
        this.#keep(event);
        this.state = reduceAgents(this.state, event, this.#offset);
      }
      this.changed();
      for (const look of [...this.#waiting]) look();
    }
  }
}

/** What a turn comes to, without times and whatever is another each time: two turns that did the same read the same. */
export function normalForm({
  turn: _,
  run: _run,
  prompt: _prompt,
  startedAt,
  endedAt,
  ...told
}: Turn): string {
  const names = new Map<string, string>();
  const nameOf = (id: string) => {
    if (!names.has(id)) names.set(id, `id ${names.size + 1}`);
    return names.get(id);
  };
  return JSON.stringify(told, (key, value) =>
    (key === 'id' || key === 'call') && typeof value === 'string' ? nameOf(value) : value,
  );
}
