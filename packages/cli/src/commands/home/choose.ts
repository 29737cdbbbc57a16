/** Lets the user choose a session by arrows or number, below the prompt, and leaves no trace of it. */
import tty from 'node:tty';
import type { ListedSession } from '@skein/protocol/sessions/asks';
import { listing } from '@skein/protocol/sessions/listing';
import type { Paint } from '@skein/protocol/text/paint';
import { writeAll } from '../../output/write.ts';
import { type Menu, press } from './menu.ts';

const HELP = '  ↑↓ or number, Enter attaches, q leaves';

/** The session that was chosen, or undefined when the user left. */
export function choose(sessions: readonly ListedSession[], paint: Paint): Promise<ListedSession | undefined> {
  const input = new tty.ReadStream(0);
  const last = sessions.findLastIndex((s) => s.state === 'running');
  let menu: Menu = { count: sessions.length, marked: Math.max(0, last) };
  let height = draw(sessions, menu, paint, 0);
  input.setRawMode(true);
  return new Promise((resolve) => {
    const end = (index: number | undefined) => {
      input.setRawMode(false);
      input.destroy();
      writeAll(1, `\x1b[${height}A\r\x1b[J\x1b[?25h`);
      resolve(index === undefined ? undefined : sessions[index]);
    };
    input.on('end', () => end(undefined));
    input.on('data', (bytes: Buffer) => {
      const step = press(menu, bytes.toString('utf8'));
      if (step.kind === 'left') return end(undefined);
      if (step.kind === 'chosen') return end(step.index);
      menu = step.menu;
      height = draw(sessions, menu, paint, height);
    });
  });
}

/** Draws over what was drawn before, as many lines as fit, and returns how many those were. */
function draw(sessions: readonly ListedSession[], menu: Menu, paint: Paint, before: number): number {
  const { columns = 80, rows = 24 } = process.stdout;
  const most = Math.max(1, rows - 4);
  const first = Math.min(Math.max(0, menu.marked - most + 1), Math.max(0, sessions.length - most));
  const plain = { bold: same, dim: same, red: same, green: same, yellow: same };
  const [head = '', ...lines] = listing(sessions, plain, Date.now()).trimEnd().split('\n');
  const shown = lines.slice(first, first + most).map((line, i) => {
    const index = first + i;
    const text = cut(`${index < 9 ? index + 1 : ' '} ${line}`, columns - 1);
    return index === menu.marked ? `\x1b[7m${text}\x1b[27m` : text;
  });
  const out = [paint.dim(cut(`  ${head}`, columns - 1)), ...shown, paint.dim(cut(HELP, columns - 1))];
  const up = before === 0 ? '' : `\x1b[${before}A\r\x1b[J`;
  writeAll(1, `${up}\x1b[?25l${out.join('\r\n')}\r\n`);
  return out.length;
}

const same = (text: string) => text;

function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, Math.max(0, most));
}
