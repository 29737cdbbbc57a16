/** The machines as rows above the table. Pure. */
import { age } from '@skein/protocol/text/words';
import { BOLD, DIM, RED, type Row, span } from '../chat/model/style.ts';
import { columns as columnsOf, fittedRow } from '../chat/model/width.ts';
import { cell, cpuText, memoryText } from './columns.ts';
import type { Machine } from './rows.ts';

/** Columns of a machine's name, at most. */
const NAME_MOST = 20;

/** One row each, `most` in all: were they more, those that are away come first and the last row counts the others. */
export function machineRows(machines: readonly Machine[], cols: number, most: number): Row[] {
  const all = machines.length <= most;
  const ordered = all ? machines : [...machines].sort((a, b) => Number(a.reachable) - Number(b.reachable));
  const shown = ordered.slice(0, all ? most : most - 1);
  const width = Math.min(NAME_MOST, Math.max(...shown.map(({ name }) => columnsOf(name)), 0));
  const rows = shown.map((one) => machineRow(one, width, cols));
  const others = ordered.slice(shown.length);
  if (others.length === 0) return rows;
  const away = others.filter(({ reachable }) => !reachable).length;
  const text = ` and ${plural(others.length, 'more machine')}${away > 0 ? `, ${away} away` : ''}`;
  return [...rows, fittedRow([span(text, DIM)], cols)];
}

export function machineRow(
  { name, reachable, error, age: since, load }: Machine,
  width: number,
  cols: number,
): Row {
  const head = span(` ${cell(name, width, false)} `, BOLD);
  if (!reachable) {
    const told = since === null ? 'away' : `away, seen ${age(since)} ago`;
    return fittedRow([head, span(told, RED), span(` ${error ?? ''}`, DIM)], cols);
  }
  const { machine, sessions = [], more = 0 } = load ?? {};
  const parts = [plural(sessions.length + more, 'session')];
  if (machine !== undefined) {
    const { cores, memory, free, load: minute, node, hosts } = machine;
    parts.unshift(`${memoryText(memory - free)} of ${memoryText(memory)}`);
    if (minute !== null) parts.unshift(`load ${minute.toFixed(1)} of ${plural(cores, 'core')}`);
    parts.push(`skein ${cpuText(node.cpu + hosts.cpu)} ${memoryText(node.memory + hosts.memory)}`);
  }
  return fittedRow([head, span(parts.join(' · '), DIM)], cols);
}

export function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
