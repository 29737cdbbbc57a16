/** Plays a chat with two agents, which do what they are told, up to a question that waits. */
import { newId } from '../../packages/protocol/src/ids.ts';
import { PtyScreen } from '../../test/support/pty-screen.ts';
import { connectTo, defineTalking, openTalking } from '../../test/support/talking.ts';
import { SKEIN, skein } from '../start/skein.ts';

const SCRIPT = [
  'plan Find out why it fails, Mend it, Run the tests',
  'think The error comes from parse(): an empty line has no first word.',
  'run npm test',
  'say **Found it**: `parse()` takes an empty line for a command.\\n\\n1. a guard in `src/parse.ts`\\n2. a test that fails without it\\n',
  'edit src/parse.ts const [name] = line.split(" ");\\nreturn run(name); => const [name] = line.trim().split(" ");\\nif (name === "") return nothing;\\nreturn run(name);',
];
const PROMPT = 'The tests fail on an empty line. Mend it, please.';

/** In the home that is set in the environment; the screen is whole when it resolves. */
export async function playChat(home: string, cols: number, rows: number): Promise<PtyScreen> {
  skein('up');
  defineTalking(home, 'first', SCRIPT.join('\n'));
  defineTalking(home, 'second', 'stream 1000 40');
  const client = await connectTo(home);
  const names = ['claude', 'codex'];
  const { id, agents } = await openTalking(client, 'api', home, names, ['first', 'second']);
  const [program, ...before] = SKEIN;
  const { NO_COLOR: _, ...env } = process.env;
  const shown = new PtyScreen(program, [...before, 'chat', 'api'], env, cols, rows);
  await shown.shows('─ idle');
  const parts = [{ type: 'text' as const, text: 'Look over the last changes.' }];
  await client.command(`session/${id}`, 'prompt.queue', { agent: agents[1] ?? '', prompt: newId(), parts });
  shown.type(`${PROMPT}\r`);
  await shown.shows('claude asks');
  await shown.until('keys that count', () => /\x1b\[1;7m y /.test(shown.raw));
  client.close();
  return shown;
}
