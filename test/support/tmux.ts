/** tmux as the user's terminal: a second emulator, whose screen is compared with ours. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

export class Tmux {
  readonly #socket = `sk-${randomBytes(4).toString('hex')}`;

  constructor() {
    // A server that ends with its last terminal may do so just as the next is opened.
    this.#tmux('-f', '/dev/null', 'start-server', ';', 'set', '-s', 'exit-empty', 'off');
  }

  /** Opens a terminal of this size with a program in it. The first starts the server. */
  open(name: string, command: string, cols: number, rows: number): void {
    const size = ['-x', String(cols), '-y', String(rows)];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', name, ...size, command);
    // No status line, so that the pane has all rows; nothing else that a user may have configured.
    this.#tmux('set', '-g', 'status', 'off');
    this.#tmux('set', '-g', 'default-terminal', 'tmux-256color');
    this.#tmux('set', '-sg', 'escape-time', '0');
    this.#tmux('set', '-g', 'remain-on-exit', 'on');
  }

  /** Opens a terminal with a shell in it that is ready, its prompt `user: `. */
  async shell(name: string, cols = 130, rows = 24): Promise<void> {
    this.open(name, `env PS1='user: ' sh`, cols, rows);
    await this.until(name, 'a prompt', (text) => text.includes('user:'));
  }

  /** Types a line. */
  enter(name: string, text: string): void {
    this.type(name, text);
    this.keys(name, 'Enter');
  }

  keys(name: string, ...keys: string[]): void {
    this.#tmux('send-keys', '-t', name, ...keys);
  }

  type(name: string, text: string): void {
    this.#tmux('send-keys', '-t', name, '-l', text);
  }

  /** The screen as text, without trailing blanks. */
  text(name: string): string {
    return trimmed(this.#tmux('capture-pane', '-p', '-t', name));
  }

  /** All lines that the terminal has, those above its screen too. */
  all(name: string): string {
    return trimmed(this.#tmux('capture-pane', '-p', '-S', '-', '-t', name));
  }

  /** The screen with its colours, as escape sequences. */
  coloured(name: string): string {
    return this.#tmux('capture-pane', '-p', '-e', '-t', name);
  }

  /** Where the cursor is, which screen is shown and which mouse reports the program has asked for. */
  modes(name: string): string {
    const format =
      '#{cursor_x},#{cursor_y} cursor=#{cursor_flag} alternate=#{alternate_on} mouse=#{mouse_any_flag}#{mouse_button_flag}#{mouse_standard_flag} sgr=#{mouse_sgr_flag} keypad=#{keypad_flag} app=#{keypad_cursor_flag}';
    return this.#tmux('display-message', '-p', '-t', name, format).trim();
  }

  /** What tmux tells of a terminal under this name. */
  told(name: string, variable: string): string {
    return this.#tmux('display-message', '-p', '-t', name, `#{${variable}}`).trim();
  }

  /** The terminal's path. */
  path(name: string): string {
    return this.#tmux('display-message', '-p', '-t', name, '#{pane_tty}').trim();
  }

  /** Looks until the screen is as wanted; throws with what was there when it never is. */
  async until(name: string, what: string, wanted: (text: string) => boolean, ms = 15_000): Promise<string> {
    const deadline = Date.now() + ms;
    for (;;) {
      const text = this.text(name);
      if (wanted(text)) return text;
      if (Date.now() > deadline) throw new Error(`${name} never showed ${what}:\n${text}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  resize(name: string, cols: number, rows: number): void {
    this.#tmux('resize-window', '-t', name, '-x', String(cols), '-y', String(rows));
  }

  close(name: string): void {
    this.#tmux('kill-session', '-t', name);
  }

  stop(): void {
    try {
      this.#tmux('kill-server');
    } catch {
      // It was not started, or has ended with its last terminal.
    }
  }

  #tmux(...args: string[]): string {
    const { TMUX: _, ...env } = process.env;
    return execFileSync('tmux', ['-L', this.#socket, ...args], {
      env: { ...env, LANG: 'C.UTF-8' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

/** Lines without trailing blanks, and no blank lines at the end. */
export function trimmed(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}
