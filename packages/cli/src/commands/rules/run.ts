/** Shows and takes back answers that were given for always (rule A5). */

import type { Rule } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import { type Session, streamOf } from '../../agents/open.ts';
import { whoText } from '../../agents/who-text.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const action = call.arg('action') ?? 'show';
  if (action !== 'show' && action !== 'rm')
    throw new SkeinError('bad_request', `Rules can be shown or taken back (rm), not "${action}".`);
  const client = await connectNode(call.home, { node });
  const session = await client.ask('session', { ref });
  if (action === 'rm') {
    const { rule } = ruleMeant(session, call.arg('rule') ?? '');
    await client.command(streamOf(session), 'rule.remove', { rule });
    return call.json ? printJson({ rule }) : undefined;
  }
  if (call.json) return printJson(session.rules);
  if (session.rules.length === 0) return print(`In "${session.name}" nothing is answered for always.`);
  print(rulesTable(session, paintFor(call.flag('no-color'))));
}

/** By the beginning of its id; throws `not_found` or `ambiguous`. */
export function ruleMeant({ rules, name }: Pick<Session, 'rules' | 'name'>, wanted: string): Rule {
  const begun = wanted === '' ? [] : rules.filter(({ rule }) => rule.startsWith(wanted));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only;
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of ${begun.length} rules.`);
  throw new SkeinError('not_found', `There is no rule "${wanted}" in "${name}". See: skein rules ${name}`);
}

function rulesTable({ rules, agents }: Session, paint: Paint): string {
  const head = ['RULE', 'AGENT', 'ANSWER', 'TOOL', 'WHAT', 'BY'];
  const rows = rules.map(({ rule, agent, answer, tool, title, by }): Cell[] => [
    { text: rule, paint: paint.bold },
    { text: visible(agents[agent]?.name ?? agent) },
    { text: answer, paint: answer === 'allow' ? paint.green : paint.red },
    { text: visible(tool) },
    { text: visible(title ?? 'whatever it is') },
    { text: visible(whoText(by)) },
  ]);
  return table([head.map((text): Cell => ({ text, paint: paint.dim })), ...rows]);
}
