/** Shows or chooses an agent's model. */
import { chooseBy } from '../../agents/choose.ts';
import type { Call } from '../../invocation/call.ts';

export function run(call: Call): Promise<void> {
  return chooseBy(call, 'model');
}
