/**
 * Starts this user's own node again when it has died under somebody who is attached elsewhere through it. A node that was
 * told to stop takes its socket away, and stays stopped; one that was killed leaves it behind.
 */
import type { SkeinError } from '@skein/protocol/errors';

let starting = false;

/** Whether nobody is there to carry anything: not another node's trouble. */
export function isDown({ code, data }: SkeinError): boolean {
  return code === 'node_unreachable' && (data?.cause === 'ENOENT' || data?.cause === 'ECONNREFUSED');
}

/** By a `skein up` of its own: the quick commands are loaded without what starts a node. Nothing is waited for. */
export function reviveAfter(error: SkeinError, home: string): void {
  const [, program] = process.argv;
  if (error.data?.cause !== 'ECONNREFUSED' || starting || program === undefined) return;
  starting = true;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(process.execPath, [...process.execArgv, program, 'up', '--home', home], {
    stdio: 'ignore',
    detached: true,
  });
  const over = () => {
    starting = false;
  };
  child.on('error', over);
  child.on('exit', over);
  child.unref();
}
