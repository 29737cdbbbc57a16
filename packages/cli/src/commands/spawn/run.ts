/** Starts an agent. */
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { table } from '@skein/protocol/text/table';
import { directOf } from '../../agents/direct.ts';
import { addAgent, openWithAgent, type StartedAgent, type Wished } from '../../agents/start.ts';
import { checkWhere, whereOf } from '../../agents/where.ts';
import { callersEnvironment } from '../../connect/environment.ts';
import { here } from '../../connect/here.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const into = call.text('in');
  const variables = call.texts('env');
  const given = call.text('cwd');
  const wished = wishedBy(call, call.needed('agent'));
  const { node, ref } = into === undefined ? { node: undefined, ref: '' } : placeOf(into);
  if (into !== undefined && call.text('name') !== undefined)
    throw new SkeinError('bad_request', '--name is for a new session; an agent is named by --as.');
  if (node !== undefined && variables.length > 0)
    throw new SkeinError('bad_request', 'An agent on another machine has the environment of its node there.');
  checkWhere(call, true, node);
  const env = callersEnvironment(call.home, variables);
  const client = await connectNode(call.home, { node });
  const where = await whereOf(call, client);
  const inside = where.workspace === undefined || given === undefined ? {} : { cwd: given };
  let started: StartedAgent;
  if (into === undefined) {
    const cwd = path.resolve(given ?? here());
    started = await openWithAgent(
      client,
      { ...wished, ...where, ...inside },
      { name: call.text('name'), cwd, env },
    );
  } else {
    const session = await client.ask('session', { ref });
    const there = node !== undefined || where.workspace !== undefined;
    const cwd = given === undefined || there ? given : path.resolve(given);
    started = await addAgent(
      client,
      node,
      session,
      { ...wished, ...where, ...(cwd === undefined ? {} : { cwd }) },
      env,
    );
  }
  const text = call.text('prompt');
  const prompt = newId();
  if (text !== undefined) {
    const body = { agent: started.agent, prompt, parts: [{ type: 'text' as const, text }] };
    await client.command(`session/${started.session}`, 'prompt.queue', body);
  }
  if (call.json) return printJson(text === undefined ? started : { ...started, prompt });
  print(whatNext(started));
}

/** What the options of `run` and `spawn` say of an agent. */
export function wishedBy(call: Call, definition: string): Wished {
  const options = {
    name: call.text('as'),
    mode: call.text('mode'),
    model: call.text('model'),
    resume: call.text('resume'),
  };
  const given = Object.entries({ ...options, direct: directOf(call) }).filter(
    ([, value]) => value !== undefined,
  );
  return { definition, ...Object.fromEntries(given) };
}

export function whatNext({ ref, name, sessionName }: StartedAgent, own = false): string {
  const next: [string, string][] = [
    ...(own ? ([[`skein attach ${sessionName}`, 'its own interface']] as [string, string][]) : []),
    [`skein chat ${ref}`, 'talk to it'],
    [`skein prompt -w ${ref} 'your words'`, 'say something, and print the reply'],
    ['skein approvals', 'what it asks'],
  ];
  const rows = next.map(([line, what]) => [{ text: `  ${line}` }, { text: what }]);
  return `${name} has started in session ${sessionName}.\n${table(rows)}`;
}
