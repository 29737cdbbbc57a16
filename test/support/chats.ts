/** Terminals with `skein chat` in them, which are closed after each test. */
import { lookAt } from '@skein/node/terminal/screen/cells';
import type { Skein } from './cli.ts';
import { PtyScreen } from './pty-screen.ts';

/** The flag of an inverse cell. */
const INVERSE = 0x4000000;

export interface Shape {
  cols?: number;
  rows?: number;
  env?: NodeJS.ProcessEnv;
}

export class Chats {
  #opened: PtyScreen[] = [];

  open(skein: Skein, ref: string, { cols = 100, rows = 30, env = {} }: Shape = {}): PtyScreen {
    return this.also(new PtyScreen(...skein.words('chat', ref), { ...skein.env, ...env }, cols, rows));
  }

  /** Opens one, and waits until what is typed goes to an agent at rest. */
  async ready(skein: Skein, ref: string, shape: Shape = {}): Promise<PtyScreen> {
    const shown = this.open(skein, ref, shape);
    await shown.until(
      'an agent at rest',
      (text) => text.includes('─ idle') && text.includes('write to the agent'),
    );
    return shown;
  }

  /** Another terminal that is to be closed with them. */
  also(shown: PtyScreen): PtyScreen {
    this.#opened.push(shown);
    return shown;
  }

  close(): void {
    for (const one of this.#opened) one.destroy();
    this.#opened = [];
  }
}

/** Resolves once the row of a key is lit: a key that comes before it could be read is a letter of what is written. */
export async function lit(shown: PtyScreen, row: RegExp): Promise<void> {
  await shown.until('keys that count', (text) => {
    const y = text.split('\n').findIndex((line) => row.test(line));
    const buffer = shown.screen.core.buffers.active;
    const line = buffer.lines.get(buffer.ybase + y);
    // Inverse, while before it is dim.
    return y >= 0 && line !== undefined && (lookAt(line, 1).fg & INVERSE) !== 0;
  });
}
