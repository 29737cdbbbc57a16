/** Lets the user choose a session by arrows, number or name, below the prompt, and leaves no trace of it. */
import tty from 'node:tty';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import type { Paint } from '@skein/protocol/text/paint';
import { visible } from '@skein/protocol/text/words';
import { KeyDecoder, type KeyEvent } from '../../chat/input/decode.ts';
import { columns, fitted } from '../../chat/model/width.ts';
import { writeAll } from '../../output/write.ts';
import { found, type Menu, menuOf, press, within } from './menu.ts';

/** What ends it; the cursor is to be seen afterwards. */
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;
/** Milliseconds after which an escape that nothing followed was the key. */
const ESCAPE_MS = 40;
const HELP = '  ↑↓ or number, Enter attaches, / finds, q leaves';
const FINDING = 'Enter attaches, Escape shows all';

/** The session that was chosen, or undefined when the user left. */
export function choose(sessions: readonly ListedSession[], paint: Paint): Promise<ListedSession | undefined> {
  const input = new tty.ReadStream(0);
  const last = sessions.findLastIndex((s) => s.state === 'running');
  const texts = sessions.map(({ name, argv }) => [name, ...argv].join(' '));
  let menu = menuOf(texts, Math.max(0, last));
  let drawn: readonly number[] = [];
  const decoder = new KeyDecoder();
  let lone: NodeJS.Timeout | undefined;
  input.setRawMode(true);
  return new Promise((resolve) => {
    const redraw = () => {
      menu = within(menu, Math.max(1, (process.stdout.rows ?? 24) - 4));
      drawn = draw(sessions, menu, paint, drawn);
    };
    const tidy = () => {
      clearTimeout(lone);
      process.stdout.off('resize', redraw);
      for (const signal of SIGNALS) process.off(signal, killed);
      input.setRawMode(false);
      input.destroy();
      writeAll(1, `${over(drawn)}\x1b[?25h`);
    };
    const killed = (signal: NodeJS.Signals) => {
      tidy();
      process.kill(process.pid, signal);
    };
    const end = (index: number | undefined) => {
      tidy();
      resolve(index === undefined ? undefined : sessions[index]);
    };
    process.stdout.on('resize', redraw);
    for (const signal of SIGNALS) process.on(signal, killed);
    redraw();
    input.on('end', () => end(undefined));
    const typed = (events: readonly KeyEvent[]) => {
      const step = press(menu, events);
      if (step.kind === 'left') return end(undefined);
      if (step.kind === 'chosen') return end(step.index);
      menu = step.menu;
      redraw();
    };
    // A key's sequence may come in pieces, as over a slow line.
    input.on('data', (bytes: Buffer) => {
      clearTimeout(lone);
      const events = decoder.push(bytes);
      if (decoder.pending) lone = setTimeout(() => typed(decoder.flush()), ESCAPE_MS);
      typed(events);
    });
  });
}

/** Draws over what was drawn before, and returns how many columns each line has. */
function draw(
  sessions: readonly ListedSession[],
  menu: Menu,
  paint: Paint,
  before: readonly number[],
): number[] {
  const { columns: width = 80 } = process.stdout;
  const { first, room, wanted, marked } = menu;
  const plain = { bold: same, dim: same, red: same, green: same, yellow: same };
  const [head = '', ...lines] = listing(sessions, plain, Date.now()).trimEnd().split('\n');
  const some = found(menu).slice(first, first + room);
  const numbered = some.map((index, i) => `${i < 9 ? i + 1 : ' '} ${lines[index]}`);
  const help = wanted === undefined ? HELP : `  /${visible(wanted)}  ${FINDING}`;
  const shown = [`  ${head}`, ...numbered, help].map((line) => fitted(line, width - 1));
  const painted = shown.map((line, i) => {
    if (i === 0 || i === shown.length - 1) return paint.dim(line);
    return some[i - 1] === marked ? `\x1b[7m${line}\x1b[27m` : line;
  });
  writeAll(1, `${over(before)}\x1b[?25l${painted.join('\r\n')}\r\n`);
  return shown.map(columns);
}

/** Goes to the first of the lines that were drawn, and clears them: a terminal made narrower shows each on several rows. */
function over(drawn: readonly number[]): string {
  const { columns: width = 80 } = process.stdout;
  const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line / width)), 0);
  return rows === 0 ? '' : `\x1b[${rows}A\r\x1b[J`;
}

const same = (text: string) => text;
