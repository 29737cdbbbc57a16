/** A program in a real pty, and what a terminal would show of it: the project's own emulator. */
import { Screen } from '@skein/node/terminal/screen/screen';
import { type IPty, spawn } from 'node-pty';

export class PtyScreen {
  readonly screen: Screen;
  readonly pty: IPty;
  /** All that it wrote. */
  raw = '';
  /** Set when it has ended. */
  ended: { exitCode: number; signal?: number } | undefined;
  #look: (() => void) | undefined;

  constructor(program: string, words: string[], env: NodeJS.ProcessEnv, cols = 80, rows = 24) {
    this.screen = new Screen({ cols, rows });
    const vars = { ...env, TERM: 'xterm-256color' } as Record<string, string>;
    this.pty = spawn(program, words, { cols, rows, env: vars, encoding: null });
    this.pty.onData((data) => {
      const bytes = data as unknown as Uint8Array;
      this.raw += Buffer.from(bytes).toString('latin1');
      this.screen.terminal.write(bytes, () => this.#look?.());
    });
    this.pty.onExit((end) => {
      this.ended = end;
      this.screen.terminal.write('', () => this.#look?.());
    });
  }

  /** The rows as they are shown, without blanks at their ends. */
  get rows(): string[] {
    const buffer = this.screen.terminal.buffer.active;
    return Array.from(
      { length: this.screen.terminal.rows },
      (_, y) => buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '',
    );
  }

  get text(): string {
    return this.rows.join('\n');
  }

  /** Looks at each change until the screen is as wanted; throws with what was there when it never is. */
  until(what: string, wanted: (text: string) => boolean, ms = 15_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#look = undefined;
        reject(new Error(`It never showed ${what}:\n${this.text}`));
      }, ms);
      this.#look = () => {
        const { text } = this;
        if (!wanted(text)) return;
        clearTimeout(timer);
        this.#look = undefined;
        resolve(text);
      };
      this.#look();
    });
  }

  shows(text: string): Promise<string> {
    return this.until(JSON.stringify(text), (all) => all.includes(text));
  }

  type(text: string): void {
    this.pty.write(text);
  }

  resize(cols: number, rows: number): void {
    this.screen.terminal.resize(cols, rows);
    this.pty.resize(cols, rows);
  }

  async end(ms?: number): Promise<{ exitCode: number; signal?: number }> {
    await this.until('its end', () => this.ended !== undefined, ms);
    return this.ended as { exitCode: number };
  }

  destroy(): void {
    if (this.ended === undefined) this.pty.kill('SIGKILL');
    this.screen.terminal.dispose();
  }
}
