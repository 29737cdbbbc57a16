/** Checks the output of a counting program: every number once, in order, none missing. */
import type { Client } from '@skein/protocol/client/client';
import { HostViewer } from './viewer.ts';

export class CountedOutput {
  readonly problems: string[] = [];
  /** The number that is due next. */
  next = 0;
  #rest = '';

  take(bytes: Uint8Array): void {
    const lines = `${this.#rest}${Buffer.from(bytes).toString('latin1')}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const number = Number(line.trim());
      if (number !== this.next && this.problems.length < 5)
        this.problems.push(`"${line.trim().slice(0, 40)}" came where ${this.next} was due`);
      this.next = number + 1;
    }
  }
}

/** Reads all that a counting program has printed so far, from its first byte; returns what is wrong with it. */
export async function checkCounted(
  client: Client,
  ref: string,
): Promise<{ problems: string[]; next: number }> {
  const output = new CountedOutput();
  const viewer = await HostViewer.attach(client, ref, {
    follow: false,
    bytes: (_, bytes) => output.take(bytes),
    gap: (from, to) => output.problems.push(`a gap from ${from} to ${to}`),
  });
  await viewer.closed;
  const error = viewer.error === undefined ? [] : [`refused: ${viewer.error.code} ${viewer.error.message}`];
  return { problems: [...error, ...output.problems, ...viewer.broken], next: output.next };
}
