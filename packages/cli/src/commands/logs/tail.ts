/** The end of a file that grows, and that is renamed away and begun again when it has grown enough. */
import fs from 'node:fs';
import path from 'node:path';

const PIECE = 64 * 1024;

export class LogTail {
  readonly #file: string;
  #fd: number;
  #inode: number;
  #offset = 0;
  #rest = '';

  constructor(file: string) {
    this.#file = file;
    this.#fd = fs.openSync(file, 'r');
    this.#inode = fs.fstatSync(this.#fd).ino;
  }

  /** The whole lines that have been added. */
  read(): string[] {
    const lines = this.#drain();
    const now = fs.statSync(this.#file, { throwIfNoEntry: false });
    if (now === undefined || now.ino === this.#inode) return lines;
    fs.closeSync(this.#fd);
    this.#fd = fs.openSync(this.#file, 'r');
    this.#inode = fs.fstatSync(this.#fd).ino;
    this.#offset = 0;
    return [...lines, ...this.#drain()];
  }

  /** Tells of lines as they come. Never ends by itself. */
  follow(each: (lines: string[]) => void): Promise<never> {
    return new Promise(() => {
      // The directory, because the file may be another one tomorrow.
      fs.watch(path.dirname(this.#file), () => each(this.read()));
      each(this.read());
    });
  }

  #drain(): string[] {
    const decoder = new TextDecoder();
    const piece = Buffer.alloc(PIECE);
    let text = this.#rest;
    for (;;) {
      const read = fs.readSync(this.#fd, piece, 0, PIECE, this.#offset);
      if (read === 0) break;
      this.#offset += read;
      text += decoder.decode(piece.subarray(0, read), { stream: true });
    }
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  }
}
