/** Definitions as text for people. */
import type { ListedDefinition } from '@skein/protocol/agents/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { shellWord, visible } from '@skein/protocol/text/words';

export function definitionsTable(all: readonly ListedDefinition[], paint: Paint): string {
  const head = ['NAME', 'DRIVER', 'PROGRAM', 'VERSION', 'FROM'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const one of all)
    rows.push([
      { text: visible(one.name), paint: paint.bold },
      { text: one.driver || '-' },
      programCell(one, paint),
      { text: visible(one.version ?? '-') },
      { text: visible(fromText(one)), paint: paint.dim },
    ]);
  const notes = all.flatMap(({ name, problem, found, install }) => {
    if (problem?.code === 'not_trusted')
      return [`${name}: not used before you agree to it, after a look: skein agent trust`];
    if (problem !== undefined) return [`${name}: ${problem.message}`];
    return found || install === undefined ? [] : [`${name}: ${install}`];
  });
  return [table(rows).trimEnd(), ...(notes.length === 0 ? [] : ['', ...notes.map(visible)])].join('\n');
}

function programCell({ problem, found, path, command }: ListedDefinition, paint: Paint): Cell {
  if (problem?.code === 'not_trusted') return { text: 'not trusted', paint: paint.yellow };
  if (problem !== undefined) return { text: 'wrong file', paint: paint.red };
  if (found) return { text: visible(path ?? command), paint: paint.green };
  return { text: `${visible(command)} is missing`, paint: paint.yellow };
}

function fromText({ source, instead }: ListedDefinition): string {
  return instead === undefined ? source : `${source}, instead of ${instead}`;
}

/** One definition, field by field, defaults included. */
export function shown(definition: Record<string, unknown>, source: string, instead?: string): string {
  const { name, ...rest } = definition;
  const rows = Object.entries({ name, ...rest }).flatMap(([field, value]) => {
    const text = fieldText(field, value);
    return text === '' ? [] : [[{ text: field }, { text: visible(text) }]];
  });
  const from = instead === undefined ? source : `${source}, instead of the one ${placeOf(instead)}`;
  return table([...rows, [{ text: 'from' }, { text: visible(from) }]]);
}

function placeOf(source: string): string {
  return source === 'built-in' ? 'that comes with Skein' : `in ${source}`;
}

function fieldText(field: string, value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.map(shellWord).join(' ');
  if ((field === 'stuckAfter' || field === 'delay') && typeof value === 'number')
    return value === 0 && field === 'stuckAfter' ? 'never' : `${value / 1_000}s`;
  if (typeof value === 'string') return value;
  if (field === 'env') return envText(value as Record<string, unknown>);
  const text = JSON.stringify(value) ?? '';
  return text === '{}' || text === '[]' ? '' : text;
}

function envText(env: Record<string, unknown>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (value === null) return `${name} unset`;
      if (typeof value === 'string') return `${name}=${shellWord(value)}`;
      const { from, file } = value as { from?: string; file?: string };
      return from === undefined ? `${name} read from ${file}` : `${name} as ${from} where it is started`;
    })
    .join(', ');
}
