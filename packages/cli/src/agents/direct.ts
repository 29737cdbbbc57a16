/** What an agent may do with other agents, as the options of `run` and `spawn` say it (rule N1). */
import { SkeinError } from '@skein/protocol/errors';
import { ROLES } from '@skein/protocol/members/roles';
import type { DirectWish } from '@skein/protocol/tools/capability';
import { DIRECT_DEPTH, DIRECT_SPAWN, MAX_DIRECT_DEPTH, MAX_DIRECT_SPAWN } from '@skein/protocol/tools/limits';
import { type Call, oneOf } from '../invocation/call.ts';
import type { OptionSpec } from '../invocation/spec.ts';

export const DIRECT_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'depth',
    value: 'N',
    summary: `an agent may start others, and those others, so many levels deep; ${DIRECT_DEPTH} unless said`,
  },
  {
    name: 'children',
    value: 'N',
    summary: `so many may be alive below it at a time; ${DIRECT_SPAWN} unless said`,
  },
  {
    name: 'role',
    value: 'ROLE',
    summary: 'what it may do in its session: viewer, approver, operator, owner; operator unless said',
  },
  { name: 'may-approve', summary: 'it may answer what the agents that it starts ask' },
  { name: 'no-direct', summary: 'it directs nobody: it gets no tools of Skein' },
];

/** Names of options that are for agents alone. */
export const DIRECT_NAMES = DIRECT_OPTIONS.map(({ name }) => name);

/** Undefined where nothing is said. Throws `bad_request`, naming the option. */
export function directOf(call: Call): DirectWish | undefined {
  const depth = call.integer('depth', MAX_DIRECT_DEPTH);
  const spawn = call.integer('children', MAX_DIRECT_SPAWN);
  const named = call.text('role');
  const role = named === undefined ? undefined : oneOf('role', named, ROLES);
  const approve = call.flag('may-approve');
  const wish = {
    ...(depth === undefined ? {} : { depth }),
    ...(spawn === undefined ? {} : { spawn }),
    ...(role === undefined ? {} : { role }),
    ...(approve ? { approve } : {}),
  };
  const said = Object.keys(wish).length > 0;
  if (!call.flag('no-direct')) return said ? wish : undefined;
  if (said)
    throw new SkeinError(
      'bad_request',
      '--no-direct leaves nothing to --depth, --children, --role and --may-approve.',
    );
  return false;
}
