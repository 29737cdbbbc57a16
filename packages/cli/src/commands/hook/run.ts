/** Reports what a hook was told to the agent's run that it belongs to. */
import { existsSync } from 'node:fs';
import { nodeSocket } from '@skein/node/home';
import { hooksDir } from '@skein/node/hooks/places';
import { runHook } from '@skein/node/hooks/run-hook';
import type { Call } from '../../invocation/call.ts';

const RUN = /^[a-z2-7]{1,64}$/;

export async function run(call: Call): Promise<void> {
  const { SKEIN_RUN: of = '' } = process.env;
  const dir = hooksDir(call.home, of);
  if (!RUN.test(of) || !existsSync(dir)) return;
  const socket = call.flag('wait') ? nodeSocket(call.home) : undefined;
  await runHook(dir, call.needed('event'), socket).catch(() => {});
}
