/** Removes a workspace, and waits until it is gone. */

import { readEvents } from '@skein/client/events';
import { type ErrorCode, SkeinError } from '@skein/protocol/errors';
import { visible } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { waiting } from '../../connect/waiting.ts';
import type { Call } from '../../invocation/call.ts';
import { complain, print, printJson } from '../../output/write.ts';
import { visibleLines } from './create.ts';
import { failureOf, outputOf } from './failure.ts';

export async function remove(call: Call): Promise<void> {
  const ref = call.arg('what');
  if (ref === undefined) throw new SkeinError('bad_request', 'Say which: skein workspace ls');
  const client = await connectNode(call.home);
  const { id, name } = await client.ask('workspace', { workspace: ref });
  const begun = await client.command(`workspace/${id}`, 'workspace.remove', { force: call.flag('force') });
  const { offset } = begun as { offset: number };
  if (call.flag('detach')) {
    if (call.json) return printJson({ id, name, removed: false, told: '' });
    return print(`${visible(name)} is being removed.`);
  }
  const gone = async (): Promise<string> => {
    let told = '';
    for await (const { type, body } of readEvents(client, {
      stream: `workspace/${id}`,
      after: offset,
      follow: true,
    })) {
      if (type === 'workspace.step') {
        const { step, state, output } = outputOf(body);
        if (step === 'teardown' && state === 'failed') complain(visibleLines(output));
        if (step === 'remove' && state === 'done') told = output;
      }
      if (type === 'workspace.removed') return told;
      if (type !== 'workspace.kept') continue;
      const { code, message } = failureOf(body);
      const advice = `To remove it nevertheless: skein workspace rm --force ${name}`;
      const data = code === 'not_allowed' ? {} : { advice };
      throw SkeinError.fromBody({ code: code as ErrorCode, message: `"${name}" stays. ${message}`, data });
    }
    return told;
  };
  const told = await waiting(`removing ${visible(name)}`, gone());
  if (call.json) return printJson({ id, name, removed: true, told });
  if (told !== '') print(visibleLines(told));
}
