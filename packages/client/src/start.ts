/** Starting the node from a program: by `skein up`, which also waits until it is ready. */
import { spawn } from 'node:child_process';
import { SkeinError } from '@skein/protocol/errors';
import { ownEnvironment } from './environment.ts';

/** Bytes of what it says on stderr that are told. */
const SAID = 4_096;

/**
 * `program` is the `skein` that is to start it; one that is a script is run by this program's own Node. Rejects with
 * `node_unreachable` where it cannot be run, and says why.
 */
export function startNode(home: string, program: string): Promise<void> {
  const script = /\.[cm]?js$/.test(program);
  const [command, first] = script ? [process.execPath, [program]] : [program, []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, 'up', '--home', home], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: ownEnvironment(),
    });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(-SAID);
    });
    child.once('error', (error) =>
      reject(
        new SkeinError(
          'node_unreachable',
          `The node does not run, and "${program}" cannot start it: ${error.message}. Say where skein is: {program}.`,
        ),
      ),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new SkeinError('node_unreachable', `The node could not be started: ${said.trim()}`)),
    );
  });
}
