/** From a trace of a node's system calls: that no reply leaves before the disk has its transaction (rule L2). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { counting, openSession } from '../support/sessions.ts';
import { Traced, tracing } from '../support/strace.ts';
import { connectNode } from '../support/transport.ts';

const CALLS = ['fsync', 'fdatasync', 'pwrite64', 'write', 'writev', 'sendmsg', 'sendto'];
const COMMANDS = 120;
const AT_ONCE = 6;
/** Bytes of each write that strace prints: a page of the log and more. */
const TEXT = 8192;

/** A name of letters alone, so that no escape in the trace can run into it. */
function letters(n: number): string {
  const digits = String(n).padStart(4, '0');
  return `zq${[...digits].map((digit) => 'abcdefghij'[Number(digit)]).join('')}qz`;
}

/** Runs commands under strace and compares: written, then synced, then answered. */
export async function acknowledgedTooEarly(): Promise<{ checked: number; problems: string[] }> {
  const home = makeHome();
  const file = join(home, '..', 'trace');
  const node = await NodeProcess.start(home, { under: tracing(file, CALLS, TEXT) });
  const traced = new Traced(node);
  const names = Array.from({ length: COMMANDS }, (_, n) => letters(n));
  try {
    const client = await connectNode(home);
    const session = await openSession(client, counting(1));
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE);
      await Promise.all(
        some.map((name) => client.command('node', 'session.rename', { id: session.id, name })),
      );
    }
    client.close();
    await traced.end();
    return judgeOrder(readFileSync(file, 'latin1').split('\n'), names);
  } finally {
    await traced.end();
    destroyHome(home);
  }
}

/** One step of a name's way: the line of the trace where it happened, or -1. */
interface Way {
  written: number;
  synced: number;
  answered: number;
}

function judgeOrder(
  lines: readonly string[],
  names: readonly string[],
): { checked: number; problems: string[] } {
  const ways = new Map<string, Way>(names.map((name) => [name, { written: -1, synced: -1, answered: -1 }]));
  /** Threads in the middle of syncing the log. */
  const syncing = new Set<string>();
  for (const [at, line] of lines.entries()) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (/^(fsync|fdatasync)\(.*log\.db-wal>/.test(rest)) {
      if (rest.includes('<unfinished')) syncing.add(pid);
      else if (rest.endsWith('= 0')) sync(ways, at);
    } else if (/^<\.\.\. (fsync|fdatasync) resumed>.*= 0$/.test(rest)) {
      if (syncing.delete(pid)) sync(ways, at);
    } else if (rest.startsWith('pwrite64(') && rest.includes('log.db-wal>')) {
      for (const name of namesIn(rest)) mark(ways, name, 'written', at);
    } else if (/^(write|writev|sendmsg|sendto)\(/.test(rest) && rest.includes('reply')) {
      for (const name of namesIn(rest)) mark(ways, name, 'answered', at);
    }
  }
  const problems: string[] = [];
  let checked = 0;
  for (const [name, { written, synced, answered }] of ways) {
    if (answered < 0 || written < 0) continue;
    checked++;
    if (synced < 0 || synced > answered)
      problems.push(
        `the reply for ${name} left at line ${answered}, synced at ${synced}, written at ${written}`,
      );
  }
  if (checked < names.length * 0.9)
    problems.push(`only ${checked} of ${names.length} were found in the trace`);
  return { checked, problems };
}

function namesIn(text: string): string[] {
  return text.match(/zq[a-j]{4}qz/g) ?? [];
}

function mark(ways: Map<string, Way>, name: string, step: 'written' | 'answered', at: number): void {
  const way = ways.get(name);
  if (way !== undefined && way[step] < 0) way[step] = at;
}

function sync(ways: Map<string, Way>, at: number): void {
  for (const way of ways.values()) if (way.written >= 0 && way.synced < 0) way.synced = at;
}
