/** Runs every check and tells what each found. */
import { SkeinError } from '@skein/protocol/errors';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { summariseAgents } from '../agent/checks.ts';
import { type Check, fail } from './check.ts';
import { describeChecks } from './describe.ts';
import {
  checkConfig,
  checkDisk,
  checkHome,
  checkNative,
  checkRuntime,
  checkTerminal,
} from './local-checks.ts';
import { checkNode } from './node-checks.ts';

export async function run(call: Call): Promise<number> {
  const { home } = call;
  const [native, node, agents] = await Promise.all([checkNative(), checkNode(home), checkedAgents(home)]);
  const checks: Check[] = [
    checkRuntime(),
    native,
    checkHome(home),
    checkConfig(home),
    checkDisk(home),
    ...node,
    ...agents,
    checkTerminal(),
  ];
  const good = checks.every((check) => check.state !== 'fail');
  if (call.json) printJson({ ok: good, checks });
  else print(describeChecks(checks, call.flag('no-color')));
  return good ? 0 : 1;
}

/** Where they cannot even be looked at, the other checks still count. */
async function checkedAgents(home: string): Promise<Check[]> {
  try {
    return await summariseAgents(home);
  } catch (error) {
    return [fail('agents', SkeinError.from(error).message, 'See: skein agent ls')];
  }
}
