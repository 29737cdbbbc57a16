/** Writing to stdout and stderr at once and whole, without loading the streams that `process.stdout` would bring. */
import { writeSync } from 'node:fs';
import { harmless } from '@skein/protocol/text/words';

/** Milliseconds to wait for a reader of a pipe that was made non-blocking by somebody else. */
const AGAIN_MS = 2;

/** Writes everything before it returns. A reader that is gone ends the program quietly, as a broken pipe does. */
export function writeAll(fd: number, data: string | Uint8Array): void {
  let rest = typeof data === 'string' ? Buffer.from(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(fd === 1 ? 141 : process.exitCode);
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
    }
  }
}

/** For people: whatever other nodes, sessions and members are called, it moves no cursor. */
export function print(text: string): void {
  writeAll(1, harmless(text.endsWith('\n') ? text : `${text}\n`));
}

/** The same on stderr; with what to do about it on a line of its own. */
export function complain(text: string, advice?: string): void {
  writeAll(2, harmless(`skein: ${text}\n${advice === undefined ? '' : `${advice}\n`}`));
}

/** The one value of `--json`. */
export function printJson(value: unknown): void {
  writeAll(1, `${jsonText(value)}\n`);
}

/** What JSON leaves as it is and a terminal obeys, for whoever looks at it there. */
const OBEYED = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line of JSON, in which nothing moves a cursor or turns the order of letters round. */
export function jsonText(value: unknown): string {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(OBEYED, escaped);
}
