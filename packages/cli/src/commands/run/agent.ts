/** Starts an agent in a session of its own, and shows the chat with it, or its own interface. */
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { openWithAgent, type Wished } from '../../agents/start.ts';
import { checkWhere, whereOf } from '../../agents/where.ts';
import { attachTo } from '../../attach/attach.ts';
import { hasTerminal } from '../../attach/user-terminal.ts';
import { chatInstead } from '../../connect/chatter.ts';
import { detachKeys } from '../../connect/config.ts';
import { callersEnvironment } from '../../connect/environment.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { whatNext, wishedBy } from '../spawn/run.ts';

export async function runAgent(
  call: Call,
  { definition, args = [], pty }: Pick<Wished, 'definition' | 'args' | 'pty'>,
  cwd: string,
): Promise<number> {
  checkWhere(call, true);
  if (pty !== undefined && call.text('on') !== undefined)
    throw new SkeinError(
      'bad_request',
      "An agent's own interface is shown on the machine where it runs: type skein run --pty there, and attach to it from here.",
    );
  const shown = !call.json && !call.flag('detach') && hasTerminal();
  // Wrong keys are told before anything has begun that nobody then looks at.
  if (shown && pty !== undefined) detachKeys(call.home);
  const client = await connectNode(call.home);
  const where = await whereOf(call, client);
  const given = call.text('cwd');
  const inside = where.workspace === undefined || given === undefined ? {} : { cwd: given };
  const name = call.text('name');
  const own = pty === undefined ? {} : { pty, ...(args.length === 0 ? {} : { args }) };
  const wished = { ...wishedBy(call, definition), ...own, ...where, ...inside };
  const started = await openWithAgent(client, wished, {
    name,
    cwd,
    env: callersEnvironment(call.home, call.texts('env')),
  });
  const text = call.text('prompt');
  if (text !== undefined) {
    const body = { agent: started.agent, prompt: newId(), parts: [{ type: 'text' as const, text }] };
    await client.command(`session/${started.session}`, 'prompt.queue', body);
  }
  if (call.json) printJson(started);
  else if (!shown) print(whatNext(started, pty !== undefined));
  else {
    client.close();
    if (pty !== undefined) return attachTo(call.home, started.session, false);
    return chatInstead(call.home, started.session);
  }
  return 0;
}
