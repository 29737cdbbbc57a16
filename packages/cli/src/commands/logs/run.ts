/** Prints the node's log from its files, rotated ones included. */
import fs from 'node:fs';
import path from 'node:path';
import { checkHome } from '@skein/client/home';
import { SkeinError } from '@skein/protocol/errors';
import type { Paint } from '@skein/protocol/text/paint';
import { visible } from '@skein/protocol/text/words';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { LogTail } from './tail.ts';

const LINES = 50;
const MOST_LINES = 1_000_000;
/** Rotated files that a node keeps; an absent one ends the search. */
const ROTATED = 9;

export async function run(call: Call): Promise<void> {
  checkHome(call.home);
  const file = path.join(call.home, 'logs', 'node.log');
  const count = call.integer('lines', MOST_LINES) ?? LINES;
  const follow = call.flag('follow');
  if (!fs.existsSync(file)) throw new SkeinError('not_found', `There is no log yet: ${file} does not exist.`);
  const tail = new LogTail(file);
  const lines = lastLines(file, tail.read(), count);
  const paint = paintFor(call.flag('no-color'));
  const show = (line: string) => {
    const record = parse(line);
    if (!call.json) print(record === undefined ? visible(line) : lineOf(record, paint));
    else if (record !== undefined) printJson(record);
  };
  if (call.json && !follow) return printJson(lines.flatMap((line) => parse(line) ?? []));
  for (const line of lines) show(line);
  if (!follow) return;
  await tail.follow((more) => {
    for (const line of more) show(line);
  });
}

function lastLines(file: string, newest: string[], count: number): string[] {
  let lines = newest;
  for (let i = 1; lines.length < count && i <= ROTATED; i++) {
    let text: string;
    try {
      text = fs.readFileSync(`${file}.${i}`, 'utf8');
    } catch {
      break;
    }
    lines = [...text.split('\n').filter((line) => line !== ''), ...lines];
  }
  return count === 0 ? [] : lines.slice(-count);
}

type Record = { [name: string]: unknown };

function parse(line: string): Record | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record) : undefined;
  } catch {
    return undefined;
  }
}

const LEVELS: { [level: number]: string } = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

function lineOf({ level, time, pid: _, msg, ...rest }: Record, paint: Paint): string {
  const name = LEVELS[Number(level)] ?? String(level);
  const colour =
    name === 'error' || name === 'fatal' ? paint.red : name === 'warn' ? paint.yellow : paint.dim;
  const when = typeof time === 'number' ? new Date(time).toISOString().replace('T', ' ').slice(0, 23) : '';
  const more = Object.entries(rest)
    .map(([key, value]) => `${key}=${visible(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ');
  return `${paint.dim(when)} ${colour(name.padEnd(5))} ${visible(String(msg ?? ''))}${more === '' ? '' : ` ${paint.dim(more)}`}`;
}
