/** Commands at a steady rate over some sessions, each told apart from all others, with what was acknowledged of them. */
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { Opened } from '../support/sessions.ts';

export interface Sent {
  seq: number;
  target: string;
  type: 'session.rename' | 'run.signal';
  body: unknown;
  /** What it was answered; absent while it waits. */
  reply?: unknown;
}

/** Milliseconds between two looks at how many commands are due. */
const TICK_MS = 4;
/** Commands that may wait for an answer: while the node is away the rest waits here, as in any client. */
const IN_FLIGHT = 200;
/** One command in so many is a signal, the others are renames. */
const SIGNAL_EVERY = 10;

export class Load {
  readonly sent: Sent[] = [];
  readonly problems: string[] = [];
  readonly #client: Client;
  readonly #sessions: readonly Opened[];
  #seq: number;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `seq` is how many commands the client has sent before. */
  constructor(client: Client, sessions: readonly Opened[], seq: number) {
    this.#client = client;
    this.#sessions = sessions;
    this.#seq = seq;
  }

  start(perSecond: number): void {
    const began = performance.now();
    let issued = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - began) * perSecond) / 1000;
      for (; issued < due && this.#waiting < IN_FLIGHT; issued++) this.#issue();
      issued = Math.max(issued, Math.floor(due));
    }, TICK_MS);
  }

  /** Stops issuing. */
  stop(): void {
    clearInterval(this.#timer);
  }

  get waiting(): number {
    return this.#waiting;
  }

  get acknowledged(): Sent[] {
    return this.sent.filter((one) => one.reply !== undefined);
  }

  #issue(): void {
    const seq = ++this.#seq;
    const session = this.#sessions[seq % this.#sessions.length] as Opened;
    const rename = seq % SIGNAL_EVERY !== 0;
    const sent: Sent = rename
      ? { seq, target: 'node', type: 'session.rename', body: { id: session.id, name: `n${seq}` } }
      : { seq, target: `session/${session.id}`, type: 'run.signal', body: { signal: 'SIGCONT' } };
    this.sent.push(sent);
    this.#waiting++;
    this.#client.command(sent.target, sent.type, sent.body as never).then(
      (reply) => {
        this.#waiting--;
        sent.reply = reply;
      },
      (error: Error) => {
        this.#waiting--;
        if (this.problems.length < 10)
          this.problems.push(`${sent.type} ${seq} was refused: ${error.message}`);
      },
    );
  }
}

/** Notes the renames that a stretch of the node's stream holds; says which came a second time. */
export function noteRenames(events: readonly StoredEvent[], seen: Set<string>): string[] {
  const twice: string[] = [];
  for (const { type, body } of events) {
    if (type !== 'session.renamed') continue;
    const { name } = body as { name: string };
    if (seen.has(name)) twice.push(`the rename to ${name} is in the log twice`);
    seen.add(name);
  }
  return twice;
}

/** Acknowledged renames that the log does not hold. */
export function missingRenames(acknowledged: readonly Sent[], seen: ReadonlySet<string>): string[] {
  return acknowledged
    .filter(({ type, body }) => type === 'session.rename' && !seen.has((body as { name: string }).name))
    .map(({ seq }) => `rename ${seq} was acknowledged and is not in the log`);
}
