/** The end of a run that nobody can drive (rule A2): its process is ended, so that it does nothing that nobody sees. */
import type { SkeinError } from '@skein/protocol/errors';
import type { AgentRunContext } from './agent-run-context.ts';
import { stateKey, writePrefix } from './driver-cells.ts';

interface GivenUp {
  stream: string;
  agent: string;
  run: string;
  /** Undefined when it is gone. */
  host: string | undefined;
}

/** What is to be recorded of it. */
export async function giveUp(
  { kernel, hosts, log }: AgentRunContext,
  { stream, agent, run, host }: GivenUp,
  { code, message }: SkeinError,
): Promise<{ events: object[]; cells: object[]; why: string }> {
  log('warn', 'An agent is given up.', { agent, error: message });
  const events = [
    { type: 'agent.fault', body: { run, turn: null, code, message } },
    { type: 'agent.exited', body: { run, code: null, signal: null, stderr: '' } },
  ];
  if (host !== undefined)
    await hosts
      .get(host)
      .request('signal', { run, signal: 'SIGKILL' })
      .catch(() => {});
  const writes = await kernel.cells(stream, writePrefix(run));
  const cells = [stateKey(run), ...writes.keys()].map((key) => ({ key, value: null }));
  return { events, cells, why: message };
}
