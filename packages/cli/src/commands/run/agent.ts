/** Starts an agent in a session of its own, and shows the chat with it. */
import { newId } from '@skein/protocol/ids';
import { openWithAgent } from '../../agents/start.ts';
import { hasTerminal } from '../../attach/user-terminal.ts';
import { chatInstead } from '../../connect/chatter.ts';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { whatNext, wishedBy } from '../spawn/run.ts';

export async function runAgent(call: Call, definition: string, cwd: string): Promise<number> {
  const client = await connectNode(call.home);
  const name = call.text('name');
  const started = await openWithAgent(client, wishedBy(call, definition), {
    name,
    cwd,
    env: call.texts('env'),
  });
  const text = call.text('prompt');
  if (text !== undefined) {
    const body = { agent: started.agent, prompt: newId(), parts: [{ type: 'text' as const, text }] };
    await client.command(`session/${started.session}`, 'prompt.queue', body);
  }
  if (call.json) printJson(started);
  else if (call.flag('detach')) print(whatNext(started));
  else if (hasTerminal()) {
    client.close();
    return chatInstead(call.home, started.session);
  } else print(whatNext(started));
  return 0;
}
