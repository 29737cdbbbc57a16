/** A terminal's screen as an SVG: rows of text, each run of equal look a span, so that it can be read and searched. */
import { lookAt, textAt, widthAt } from '../../packages/node/src/terminal/screen/cells.ts';
import type { Screen } from '../../packages/node/src/terminal/screen/screen.ts';

const CELL = { width: 8.4, height: 18 };
const EDGE = 16;
const PAPER = '#16161d';
const INK = '#dcd7ba';
/** Flags of a cell as xterm.js keeps them: in its foreground, in its background, and whether a colour is of the palette. */
const BOLD = 0x8000000;
const INVERSE = 0x4000000;
const DIM = 0x8000000;
const PALETTE = 0x3000000;
const COLOURS = [
  ...['#16161d', '#e46876', '#98bb6c', '#e6c384', '#7e9cd8', '#957fb8', '#7fb4ca', INK],
  ...['#727169', '#e82424', '#b8d78c', '#f0d9a0', '#9cb8e8', '#b39ad0', '#a3d4d5', '#ffffff'],
];

/** All rows down to the last that shows something. `label` is for those who cannot see it. */
export function drawScreen(screen: Screen, label: string): string {
  const { cols, rows } = screen.terminal;
  const buffer = screen.terminal.buffer.active;
  const lines: string[] = [];
  let last = 0;
  for (let y = 0; y < rows; y++)
    if (
      buffer
        .getLine(buffer.viewportY + y)
        ?.translateToString(true)
        .trim()
    )
      last = y;
  for (let y = 0; y <= last; y++) lines.push(row(screen, y, cols));
  const width = Math.round(cols * CELL.width + 2 * EDGE);
  const height = (last + 1) * CELL.height + 2 * EDGE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="${INK}" xml:space="preserve">`,
    ...lines.filter((line) => line !== ''),
    '</g></svg>\n',
  ].join('\n');
}

interface Run {
  style: string;
  text: string;
  /** Columns, and where it begins. */
  width: number;
  x: number;
  inverse: boolean;
}

function row(screen: Screen, y: number, cols: number): string {
  const buffer = screen.core.buffers.active;
  const line = buffer.lines.get(buffer.ydisp + y);
  if (line === undefined) return '';
  const runs: Run[] = [];
  for (let x = 0; x < cols; x++) {
    const width = widthAt(line, x);
    if (width === 0) continue;
    const { fg, bg } = lookAt(line, x);
    const colour = (fg & PALETTE) === 0 ? undefined : COLOURS[fg & 0xf];
    const inverse = (fg & INVERSE) !== 0;
    const fill = inverse ? PAPER : (colour ?? ((fg & BOLD) === 0 ? undefined : '#fff'));
    const style = [
      (fg & BOLD) === 0 ? '' : ' font-weight="bold"',
      fill === undefined ? '' : ` fill="${fill}"`,
      (bg & DIM) === 0 || inverse ? '' : ' fill-opacity=".55"',
    ].join('');
    const text = textAt(line, x) || ' ';
    const run = runs.at(-1);
    if (run !== undefined && run.style === style && run.inverse === inverse) {
      run.text += text;
      run.width += width;
    } else runs.push({ style, text, width, x, inverse });
  }
  const top = EDGE + y * CELL.height;
  const boxes = runs
    .filter(({ inverse }) => inverse)
    .map(
      ({ x, width }) =>
        `<rect x="${round(EDGE + x * CELL.width)}" y="${top + 1}" width="${round(width * CELL.width)}" height="${CELL.height - 1}" fill="${INK}"/>`,
    );
  const spans = runs.map(({ text, style, inverse }) =>
    text.trim() === '' && !inverse ? escaped(text) : `<tspan${style}>${escaped(text)}</tspan>`,
  );
  const body = spans.join('').replace(/\s+$/, '');
  const text = body === '' ? '' : `<text x="${EDGE}" y="${top + 0.75 * CELL.height}">${body}</text>`;
  return boxes.join('') + text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
