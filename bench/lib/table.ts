/** The rows as a table for a person, with what else was found below each. */
import type { Row } from './row.ts';

const HEAD = ['', 'work', 'ours', 'peer', 'ratio', 'target', 'met'];

export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.id,
    row.what,
    figure(row.ours, row.unit),
    figure(row.peer, row.unit),
    row.ratio === null ? '–' : `${row.ratio.toFixed(2)}×`,
    row.target,
    row.met === null ? '–' : row.met ? 'yes' : 'NO',
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => (line[column] ?? '').length)),
  );
  const render = (line: readonly string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [render(HEAD)];
  for (const [index, row] of rows.entries()) {
    lines.push(render(cells[index] ?? []));
    const more = [
      ...Object.entries(row.extra ?? {}).map(([name, value]) => `${name} ${value}`),
      row.note,
    ].filter(Boolean);
    if (more.length > 0) lines.push(`${' '.repeat((widths[0] ?? 0) + 2)}· ${more.join(' · ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function figure(value: number | null, unit: string): string {
  return value === null ? '–' : `${value} ${unit}`;
}
