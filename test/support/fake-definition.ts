/** A definition of the small ACP agent, in a home under test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, 'acp-agent.ts');

/** `more`: further lines of YAML, such as a restart policy. */
export function defineFake(home: string, name = 'fake', more = ''): void {
  const directory = join(home, 'agents');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const text = `driver: acp\ncommand: ${process.execPath}\nargs: [${PROGRAM}]\n${more}`;
  writeFileSync(join(directory, `${name}.yaml`), text, { mode: 0o600 });
}
