/** Does what is asked about definitions of agents. */
import path from 'node:path';
import { loadDefinitions } from '@skein/node/agents/definitions/load';
import { SkeinError } from '@skein/protocol/errors';
import { here } from '../../connect/here.ts';
import { connectNode } from '../../connect/node.ts';
import { nodeBundle } from '../../connect/start.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { describeChecks } from '../doctor/describe.ts';
import { add, remove } from './change.ts';
import { checkAgents } from './checks.ts';
import { definitionsTable, shown } from './text.ts';
import { trust } from './trust.ts';

type Action = (call: Call) => Promise<number> | Promise<void>;

const ACTIONS: Record<string, Action> = { ls, show, add, rm: remove, doctor, trust };

export async function run(call: Call): Promise<number> {
  const name = call.needed('action');
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined)
    throw new SkeinError('bad_request', `There is ${Object.keys(ACTIONS).join(', ')}, not "${name}".`, {
      see: 'skein agent --help',
    });
  return (await action(call)) ?? 0;
}

async function ls(call: Call): Promise<void> {
  const what = call.arg('what');
  if (what !== undefined)
    throw new SkeinError('bad_request', `All are listed, not "${what}" alone.`, {
      advice: `That one: skein agent show ${what}`,
    });
  const client = await connectNode(call.home);
  const listed = await client.ask('agents', { cwd: here(), path: process.env.PATH ?? '' });
  if (call.json) printJson(listed);
  else print(definitionsTable(listed, paintFor(call.flag('no-color'))));
}

async function show(call: Call): Promise<void> {
  const name = call.arg('what');
  if (name === undefined) throw new SkeinError('bad_request', 'Say which: skein agent ls');
  const { resolveDefinition } = await loadDefinitions(path.dirname(nodeBundle()));
  const { definition, source, instead } = resolveDefinition(name, { home: call.home, cwd: here() });
  const { base: _, ...told } = definition;
  if (call.json) printJson({ name, source, ...(instead === undefined ? {} : { instead }), definition: told });
  else print(shown(told, source, instead));
}

async function doctor(call: Call): Promise<number> {
  const checks = await checkAgents(call.home, call.arg('what'));
  const good = checks.every(({ state }) => state !== 'fail');
  if (call.json) printJson({ ok: good, checks });
  else print(describeChecks(checks, call.flag('no-color')));
  return good ? 0 : 1;
}
