/** What nodes tell of their load, for a pipe: one table, or JSON, once or again and again. */
import type { LoadAnswer } from '@skein/protocol/machines/load';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { textOf } from '../chat/model/style.ts';
import { allColumns } from './columns.ts';
import { machineRow } from './machines.ts';
import { arranged, type Sort } from './order.ts';
import { machinesOf, rowsOf, type TopRow } from './rows.ts';

/** As many columns as there are; what is wide stays whole. */
const WIDE = 10_000;

export function plainText(answer: LoadAnswer, sort: Sort, filter: string, paint: Paint): string {
  const rows = arranged(rowsOf(answer), sort, false, filter);
  const machines = machinesOf(answer);
  const width = Math.max(...machines.map(({ name }) => name.length));
  const head = machines.map((one) => textOf(machineRow(one, width, WIDE)).trim()).join('\n');
  if (rows.length === 0)
    return `${head}\nNothing runs${filter === '' ? '. Start something: skein run claude' : ` that matches "${filter}"`}\n`;
  const columns = allColumns(rows);
  const cells: Cell[][] = [
    columns.map(({ name }) => ({ text: name, paint: paint.dim })),
    ...rows.map((row) => columns.map(({ text, name }) => painted(text(row), name, row, paint))),
  ];
  return `${head}\n\n${table(cells)}`;
}

function painted(text: string, column: string, { state }: TopRow, paint: Paint): Cell {
  const cell = { text: text === '' ? '-' : text };
  if (column === 'NAME') return { ...cell, paint: paint.bold };
  if (column !== 'STATE') return cell;
  if (state === 'waiting') return { ...cell, paint: paint.yellow };
  return ['stuck', 'failed', 'away'].includes(state) ? { ...cell, paint: paint.red } : cell;
}

/** For programs: rows and machines, in the same order as the table. */
export function plainJson(answer: LoadAnswer, sort: Sort, filter: string): object {
  const rows = arranged(rowsOf(answer), sort, false, filter).map(
    ({ key: _, session: __, mine: ___, sessionId, agentId, node, ...row }) => ({
      ...row,
      ...{ node: node ?? null, session: sessionId, agent: agentId ?? null },
    }),
  );
  const machines = machinesOf(answer).map(({ name, here, reachable, error, age: since, load }) => ({
    ...{ name, here, reachable, age: since, peer: load?.peer ?? null },
    ...(error === undefined ? {} : { error }),
    ...(load === undefined
      ? {}
      : {
          sessions: load.sessions.length,
          more: load.more,
          ended: load.ended,
          machine: load.machine ?? null,
        }),
  }));
  return { at: answer.here.now, machines, rows };
}
