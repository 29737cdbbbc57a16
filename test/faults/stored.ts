/** Garbage in the files that a node finds when it starts: it starts all the same, and the program lives (rules H1, H4). */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeProcess } from '../support/node-process.ts';
import { lives } from '../support/processes.ts';
import type { Random } from '../support/random.ts';
import type { Opened } from '../support/sessions.ts';
import { connectNode } from '../support/transport.ts';

const GARBAGE = [
  '',
  '{',
  'null',
  '[]',
  '{}',
  '""',
  '0',
  '{"pid":"x"}',
  '{"pid":-1,"start":[],"socket":{}}',
  '['.repeat(20_000),
];

/** The files that are tried, of those that are there. */
function filesOf(home: string, session: Opened): string[] {
  const run = join(home, 'runs', session.run);
  const host = join(home, 'hosts', session.host);
  const journal = join(run, 'journal');
  const indexes = existsSync(journal) ? readdirSync(journal).filter((name) => name.endsWith('.idx')) : [];
  return [
    join(run, 'run.json'),
    join(run, 'exit.json'),
    join(run, 'final.json'),
    join(host, 'host.json'),
    join(host, 'plan.json'),
    ...indexes.map((name) => join(journal, name)),
  ];
}

/** The node of the home must not run; it does not run afterwards. */
export async function garbageInFiles(
  home: string,
  session: Opened,
  count: number,
  random: Random,
): Promise<string[]> {
  const problems: string[] = [];
  for (let i = 0; i < count; i++) {
    const files = filesOf(home, session);
    const file = files[i % files.length] as string;
    const before = existsSync(file) ? readFileSync(file) : undefined;
    const garbage = random.chance(0.3) ? random.bytes(random.int(1, 2_000)) : random.pick(GARBAGE);
    writeFileSync(file, garbage);
    const where = `${file.slice(home.length + 1)} held ${Buffer.from(garbage as string)
      .subarray(0, 30)
      .toString('latin1')}`;
    problems.push(...(await startAndLook(home, session)).map((problem) => `${where}: ${problem}`));
    if (before === undefined) rmSync(file, { force: true });
    else writeFileSync(file, before);
    if (problems.length > 5) break;
  }
  return problems;
}

async function startAndLook(home: string, session: Opened): Promise<string[]> {
  const node = NodeProcess.launch(home);
  try {
    await node.ready();
    const client = await connectNode(home);
    const problems: string[] = [];
    const state = await client.ask('session', { ref: session.id });
    if (state.run?.state !== 'running') problems.push(`its run is told as ${state.run?.state}`);
    else {
      const right = await client.ask('right', { ref: session.id, role: 'read' });
      if (!('token' in right)) problems.push('it cannot be attached to');
      const screen = await client.ask('screen', { ref: session.id, form: 'text' });
      if (screen.cols !== 80) problems.push('its screen is not there');
    }
    if (!lives(session)) problems.push('its program was killed');
    client.close();
    return problems;
  } catch (error) {
    return [(error as Error).message];
  } finally {
    await node.kill();
  }
}
