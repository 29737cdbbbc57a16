/** An agent that speaks ACP and answers each prompt with a few words at once. `node answering-agent.ts`. */
import { createInterface } from 'node:readline';

const SESSION = 'answer';

const write = (message: object) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') write({ id, result: { protocolVersion: 1, agentCapabilities: {} } });
  else if (method === 'session/new') write({ id, result: { sessionId: SESSION } });
  else if (method === 'session/prompt') {
    const update = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'It is done.' } };
    write({ method: 'session/update', params: { sessionId: SESSION, update } });
    write({ id, result: { stopReason: 'end_turn' } });
  }
}
