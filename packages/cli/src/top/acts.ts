/** What `skein top` does to what it shows: opens it in the program that is for that, and stops it. */
import { spawn } from 'node:child_process';
import type { Client } from '@skein/protocol/client/client';
import { connectRunning } from '../connect/node.ts';
import type { TopRow } from './rows.ts';

/** Milliseconds that a program has to end by itself. */
const GRACE_MS = 10_000;

/** `skein chat` or `skein attach` on this terminal; resolves with its exit status when its user comes back. */
export function openRow({ kind, pty, ref, session }: TopRow, home: string): Promise<number> {
  const [, program = ''] = process.argv;
  const words = kind === 'agent' && !pty ? ['chat', ref] : ['attach', session];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, program, '--home', home, ...words], {
      stdio: 'inherit',
    });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Asks for its end and does not wait for it: the table tells. */
export async function stopRow(row: TopRow, home: string, own: Client): Promise<void> {
  const { node, sessionId, agentId } = row;
  const client = node === undefined ? own : await connectRunning(home, { node });
  try {
    const stream = `session/${sessionId}`;
    if (agentId !== undefined)
      await client.command(stream, 'agent.stop', { agent: agentId, grace: GRACE_MS });
    else await client.command(stream, 'run.signal', { signal: 'SIGHUP', grace: GRACE_MS });
  } finally {
    if (client !== own) client.close();
  }
}
