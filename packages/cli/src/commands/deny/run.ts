/** Says no to agents. */
import { answerAll } from '../../agents/answer.ts';
import type { Call } from '../../invocation/call.ts';

export function run(call: Call): Promise<void> {
  return answerAll(call, false);
}
