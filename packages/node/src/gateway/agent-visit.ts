/**
 * An agent's visit at `/agent` (rules K1, N1): it proves with its hello which agent it is, and may have tools run, nothing else. What
 * it asks meanwhile waits for its proof to be looked at.
 */
import type { ClientFrame } from '@skein/protocol/channel/frames';
import { SkeinError } from '@skein/protocol/errors';
import type { ToolAnswer } from '@skein/protocol/tools/tool';
import { type ProvedAgent, unproved } from '../tools/capabilities.ts';
import type { Visit } from './visit.ts';

export interface AgentContext {
  /** Whose token it is; rejects with `not_allowed`. */
  prove(token: string): Promise<ProvedAgent>;
  /** Runs a tool for it, `body` unchecked. */
  tool(by: ProvedAgent, body: unknown, aborted: AbortSignal): Promise<ToolAnswer>;
}

/** Frames that an agent may send. */
const ADMITTED: readonly ClientFrame['t'][] = ['hello', 'ask', 'ping', 'pong'];

export function agentVisit({ prove, tool }: AgentContext): Visit {
  let proved: Promise<ProvedAgent> = Promise.reject(unproved());
  proved.catch(() => {});
  const refuse = (): never => {
    throw new SkeinError('not_allowed', 'An agent has tools run, and nothing else (rule N1).', {
      rule: 'N1',
    });
  };
  return {
    greet(proof) {
      // One guess a connection: another costs another connection.
      if (proof !== undefined) proved = prove(proof);
      return proved;
    },
    admit: ({ t }) => {
      if (!ADMITTED.includes(t)) refuse();
    },
    async ask(type, body, aborted) {
      const by = await proved;
      return type === 'tool' ? tool(by, body, aborted) : refuse();
    },
    execute: async () => ({ ok: false, error: unproved().toBody() }),
    ack: () => {},
    reading: refuse,
    fetching: async () => refuse(),
    openTerminal: refuse,
  };
}
