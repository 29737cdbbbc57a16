/** One terminal emulator: bytes in, a screen inside, answers and titles out (H5, H7). */

import headless from '@xterm/headless';
import { boundTerminal } from '../emulator/bounds.ts';
import { mendFaults } from '../emulator/faults.ts';
import { Intake } from '../emulator/intake.ts';
import { skimmed } from '../emulator/skim.ts';
import { addAnswers, sizeReport } from '../queries/answers.ts';
import { queryEnds } from '../queries/query-ends.ts';
import { trackColours } from './colours.ts';
import { type ExtraModes, noExtraModes, SIZE_REPORTS, trackExtraModes } from './extra-modes.ts';
import { type Internals, internalsOf } from './internals.ts';
import { unicodeProvider } from './width.ts';

const SCROLLBACK = 1000;

/** A Windows console of before 2021 (build 21376), which paints for itself what becomes visible. */
const OLD_CONSOLE = { backend: 'conpty', buildNumber: 1 } as const;

interface ScreenOptions {
  cols: number;
  rows: number;
  /** Lines kept above the screen. */
  scrollback?: number;
  /** The offset of the first byte that will be written. */
  offset?: number;
}

export class Screen {
  readonly terminal: InstanceType<typeof headless.Terminal>;
  readonly core: Internals;
  /** Modes that xterm.js does not know; replaced as a whole when a state is restored. */
  extra: ExtraModes = noExtraModes();
  readonly scrollback: number;
  /** How often xterm.js threw. */
  faults = 0;
  readonly #intake: Intake;
  #answer: ((data: string, offset: number) => void) | undefined;
  #answerAt = 0;

  constructor(options: ScreenOptions) {
    this.scrollback = options.scrollback ?? SCROLLBACK;
    this.#intake = new Intake(options.offset ?? 0);
    this.terminal = new headless.Terminal({
      cols: options.cols,
      rows: options.rows,
      scrollback: this.scrollback,
      allowProposedApi: true,
      logLevel: 'off',
      windowOptions: { getWinSizeChars: true, pushTitle: true, popTitle: true },
    });
    this.core = internalsOf(this.terminal);
    this.terminal.unicode.register(unicodeProvider);
    this.terminal.unicode.activeVersion = unicodeProvider.version;
    mendFaults(this.terminal);
    boundTerminal(this.terminal);
    addAnswers(this.terminal, () => this.extra);
    trackExtraModes(
      this.terminal,
      () => this.extra,
      () => {
        const { colours } = this.extra;
        this.extra = noExtraModes();
        if (colours !== undefined) this.extra.colours = {};
      },
    );
    trackColours(this.terminal, () => this.extra);
    this.terminal.onData((data) => this.#answer?.(data, this.#answerAt));
  }

  /** xterm.js has no screens narrower than two columns. */
  get cols(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  /** All bytes before it have acted, none after: it is always between two sequences and two characters. */
  get offset(): number {
    return this.#intake.offset;
  }

  /** The bytes taken in past `offset`: an unfinished sequence or character. */
  get pending(): number {
    return this.#intake.pending;
  }

  /** Takes the next bytes, and has finished with them when it returns. 64 KiB at a time is a good measure. */
  write(bytes: Uint8Array): void {
    const portion = this.#intake.push(bytes);
    let from = 0;
    // Answers carry the offset where their query ended, so the bytes are cut there; nearly all chunks have none.
    for (const end of queryEnds(portion.bytes, portion.within)) {
      this.#parse(portion.bytes.subarray(from, end), portion.start + end);
      from = end;
    }
    this.#parse(portion.bytes.subarray(from), portion.start + portion.bytes.length);
  }

  /**
   * Goes past what of the next bytes is out of the screen and its history again by their end, and returns how much that is: the
   * screen after the rest is what it would be after all.
   */
  skim(bytes: Uint8Array): number {
    const { buffers } = this.core;
    const { scrollTop, scrollBottom } = buffers.active;
    const scrolls = scrollTop === 0 && scrollBottom === this.rows - 1;
    if (this.pending > 0 || !scrolls) return 0;
    const history = buffers.active === buffers.normal ? this.scrollback : 0;
    // Down to the last row first, then all rows and the history once.
    const { length, colours } = skimmed(bytes, history + 2 * this.rows);
    this.#parse(colours, this.offset);
    if (length > 0) this.#intake.skipTo(this.offset + length);
    return length;
  }

  #parse(bytes: Uint8Array, end: number): void {
    if (bytes.length === 0) return;
    this.#answerAt = end;
    try {
      this.core._inputHandler.parse(bytes);
    } catch {
      // A fault of xterm.js that is not mended yet costs the rest of these bytes, never the screen.
      this.core._inputHandler._parser.reset();
      this.faults++;
    }
  }

  /** Goes on at a later offset, dropping an unfinished sequence: the bytes between are lost. */
  skipTo(offset: number): void {
    this.core._inputHandler.parse(Uint8Array.of(0x18)); // CAN, should a long string be open
    this.#intake.skipTo(offset);
  }

  /**
   * `veiled`: what had left the screen stays above it, where a larger screen would bring it back (M3). Returns what a program
   * that wants to be told of its sizes is to be told.
   */
  resize(cols: number, rows: number, veiled = false): string | undefined {
    const { rawOptions } = this.core.optionsService;
    const same = this.cols === cols && this.rows === rows;
    // Beneath such a console xterm.js adds blank lines, and does not join wrapped ones.
    if (veiled) rawOptions.windowsPty = OLD_CONSOLE;
    this.terminal.resize(cols, rows);
    if (veiled) rawOptions.windowsPty = {};
    return this.extra.private[SIZE_REPORTS] && !same ? sizeReport({ cols, rows }) : undefined;
  }

  /** Called with each answer, and the offset after the query that it answers. */
  onAnswer(callback: (data: string, offset: number) => void): void {
    this.#answer = callback;
  }

  /** Without control characters, which would become something else when it is written again. */
  get title(): string {
    return this.core._inputHandler._windowTitle.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
  }

  dispose(): void {
    this.terminal.dispose();
  }
}
