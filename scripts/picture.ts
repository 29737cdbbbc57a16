/**
 * Draws the README's picture from a real run: `node scripts/picture.ts` plays `npm start` in a terminal, and writes what
 * that showed as docs/start.svg.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { lookAt, textAt, widthAt } from '../packages/node/src/terminal/screen/cells.ts';
import { Screen } from '../packages/node/src/terminal/screen/screen.ts';
import { skein } from './start/skein.ts';

const COLS = 100;
const ROWS = 40;
const CELL = { width: 8.4, height: 18 };
const EDGE = 16;
const BOLD = 0x8000000;
const DIM = 0x8000000;

const home = mkdtempSync(join(tmpdir(), 'sk-'));
const screen = new Screen({ cols: COLS, rows: ROWS });
try {
  await play();
  writeFileSync(join(import.meta.dirname, '../docs/start.svg'), svg());
} finally {
  process.env.SKEIN_HOME = home;
  skein('down', '--kill');
  rmSync(home, { recursive: true, force: true });
}

function play(): Promise<void> {
  const env = { ...process.env, SKEIN_HOME: home, TERM: 'xterm-256color', PS1: '$ ', SHELL: '/bin/sh' };
  const program = [join(import.meta.dirname, 'start.ts')];
  const terminal = spawn(process.execPath, program, { cols: COLS, rows: ROWS, env, encoding: null });
  terminal.onData((bytes) => screen.write(bytes));
  return new Promise((resolve, reject) => {
    terminal.onExit(({ exitCode }) =>
      exitCode === 0 ? resolve() : reject(new Error(`npm start ended with ${exitCode}`)),
    );
  });
}

/** Rows of text, each run of equal look a span. Nothing but text: the picture can be read and searched. */
function svg(): string {
  const buffer = screen.terminal.buffer.active;
  const lines: string[] = [];
  let last = 0;
  for (let y = 0; y < ROWS; y++) {
    const text = buffer.getLine(buffer.viewportY + y)?.translateToString(true) ?? '';
    if (text.trim() !== '') last = y;
  }
  for (let y = 0; y <= last; y++) lines.push(row(y));
  const width = Math.round(COLS * CELL.width + 2 * EDGE);
  const height = (last + 1) * CELL.height + 2 * EDGE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="npm start">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#16161d"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#dcd7ba" xml:space="preserve">`,
    ...lines.filter((line) => line !== ''),
    '</g></svg>\n',
  ].join('\n');
}

function row(y: number): string {
  const line = screen.core.buffers.active.lines.get(screen.core.buffers.active.ydisp + y);
  if (line === undefined) return '';
  let spans = '';
  let text = '';
  let style = '';
  const flush = () => {
    if (text.trim() !== '') spans += `<tspan${style}>${escaped(text)}</tspan>`;
    else spans += escaped(text);
    text = '';
  };
  for (let x = 0; x < COLS; x++) {
    if (widthAt(line, x) === 0) continue;
    const look = lookAt(line, x);
    const next = `${look.fg & BOLD ? ' font-weight="bold" fill="#fff"' : ''}${look.bg & DIM ? ' opacity=".55"' : ''}`;
    if (next !== style) {
      flush();
      style = next;
    }
    text += textAt(line, x) || ' ';
  }
  flush();
  const body = spans.replace(/\s+$/, '');
  return body === '' ? '' : `<text x="${EDGE}" y="${EDGE + (y + 0.75) * CELL.height}">${body}</text>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
