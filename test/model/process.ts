/** The scripted model as a process of its own, on another machine of a test's than the test itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../support/processes.ts';

const READY_MS = 20_000;

/** `under`: the words that start it there. It listens on that machine's loopback. */
export async function startModelUnder(
  under: readonly string[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const [program = '', ...words] = [...under, process.execPath, join(import.meta.dirname, 'main.ts')];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const told = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const gone = ended.then(() => {
    throw new Error('the model ended');
  });
  gone.catch(() => {});
  const [url] = await within(READY_MS, 'the model listens', Promise.race([told, gone]));
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
