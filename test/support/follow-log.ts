/** A reader of one stream that goes on where it left, and notes everything that a log must not do. */
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';

export class LogReader {
  readonly stream: string;
  readonly problems: string[] = [];
  readonly events: StoredEvent[] = [];
  offset = 0;
  epoch: number | undefined;

  constructor(stream: string) {
    this.stream = stream;
  }

  /** Reads from the last event it has to the present head. */
  async catchUp(client: Client): Promise<StoredEvent[]> {
    const fresh: StoredEvent[] = [];
    const cursor =
      this.epoch === undefined ? { offset: this.offset } : { epoch: this.epoch, offset: this.offset };
    for await (const page of client.subscribe({ stream: this.stream, from: cursor, follow: false })) {
      this.epoch ??= page.epoch;
      if (page.epoch !== this.epoch) this.problems.push(`epoch ${this.epoch} became ${page.epoch}`);
      if (page.first !== this.offset + 1)
        this.problems.push(`offset ${page.first} came where ${this.offset + 1} was due`);
      this.offset = page.first + page.events.length - 1;
      fresh.push(...page.events);
    }
    for (const event of fresh) this.events.push(event);
    return fresh;
  }
}
