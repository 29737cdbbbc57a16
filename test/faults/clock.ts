/** The time of day moved by an hour, a day, ten years, forwards and back, while a node runs (rules L1, C4). */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogReader } from '../support/follow-log.ts';
import { destroyHome, makeHome } from '../support/home.ts';
import { NodeProcess } from '../support/node-process.ts';
import { lives, until } from '../support/processes.ts';
import { openSession, STUBBORN } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';
import { HostViewer } from '../support/viewer.ts';
import type { Part } from './f10.ts';
import { Failures } from './fault.ts';

/** Moves, as libfaketime writes them. */
const MOVES = ['+1h', '-1h', '+1d', '-1d', '+10y', '-10y', '+0'];
const YEAR_MS = 365 * 24 * 3600 * 1000;

function library(): string | undefined {
  for (const dir of existsSync('/usr/lib') ? readdirSync('/usr/lib') : []) {
    const file = join('/usr/lib', dir, 'faketime', 'libfaketimeMT.so.1');
    if (existsSync(file)) return file;
  }
  return undefined;
}

export async function moveClock(log: (line: string) => void): Promise<Part> {
  const preload = library();
  const part: Part = { runs: 0, failures: [], figures: {}, skipped: [] };
  if (preload === undefined) return { ...part, skipped: ['the moved clock: libfaketime is not installed'] };
  const failures = new Failures();
  const home = makeHome();
  const file = join(home, '..', 'clock');
  writeFileSync(file, '+0');
  const env = {
    LD_PRELOAD: preload,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    // Monotonic clocks stay as they are, as they do when somebody sets the time.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  let node = await NodeProcess.start(home, { env });
  try {
    const names: string[] = [];
    // It does not try again: a moved clock is no reason to be cut off.
    let client = await connectNode(home);
    const session = await openSession(client, STUBBORN);
    for (const restart of [false, true]) {
      for (const move of MOVES) {
        log(`F10: the clock moved by ${move}`);
        writeFileSync(file, move);
        if (restart) {
          await node.kill();
          node = await NodeProcess.start(home, { env });
          client = await connectNode(home);
        }
        const name = `clock${names.length}`;
        names.push(name);
        await client.command('node', 'session.rename', { id: session.id, name });
        const viewer = await HostViewer.attach(client, session.id, { follow: false });
        await viewer.closed;
        if (viewer.error !== undefined)
          failures.add(`at ${move} a right was refused: ${viewer.error.message}`);
        if (!lives(session)) failures.add(`at ${move} the program was ended`);
        part.runs++;
      }
    }
    const reader = new LogReader('node');
    const events = await reader.catchUp(client);
    failures.add(...reader.problems);
    const there = events.flatMap(({ type, body }) =>
      type === 'session.renamed' ? [(body as { name: string }).name] : [],
    );
    if (there.join() !== names.join()) failures.add(`the log holds ${there}, not ${names}`);
    const times = events.map(({ at }) => at);
    if (Math.max(...times) - Math.min(...times) < 19 * YEAR_MS)
      failures.add('the clock was not moved at all');
    await until('the node still answers', async () => (await client.ask('status', {})).pid === node.pid);
    client.close();
    return { ...part, failures: failures.all, figures: { clock_moves: part.runs } };
  } finally {
    await node.kill();
    destroyHome(home);
  }
}
