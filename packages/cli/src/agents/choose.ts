/** What an agent offers to choose from, its modes or its models; and choosing. */
import { followAgents } from '@skein/client/events';
import type { AgentEvents, Choice } from '@skein/protocol/agents/events';
import { offersOf } from '@skein/protocol/agents/offers';
import { SkeinError } from '@skein/protocol/errors';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import type { Call } from '../invocation/call.ts';
import { paintFor } from '../output/paint.ts';
import { print, printJson } from '../output/write.ts';
import { type FoundAgent, findAgent, streamOf } from './open.ts';

/** Milliseconds in which an agent says what became of a choice. Some tell only when asked for more. */
const TOLD_MS = 5_000;

export interface Offer {
  current: string | null;
  list: Choice[];
}

export type What = 'mode' | 'model';

/** Shows what is offered; with a value, chooses that. */
export async function chooseBy(call: Call, what: What): Promise<void> {
  const found = await findAgent(call.home, call.needed('ref'));
  const { session, agent } = found;
  const wanted = call.arg('value');
  const list = offersOf(agent)[what === 'mode' ? 'modes' : 'models'];
  const about = { session: session.id, agent: agent.agent, name: agent.name };
  if (wanted === undefined) {
    const current = agent[what];
    if (call.json) return printJson({ ...about, current, offered: list });
    return print(offerText(agent.name, what, { current, list }, paintFor(call.flag('no-color'))));
  }
  const value = choiceMeant(what, list, wanted);
  await choose(found, what, value);
  if (call.json) printJson({ ...about, [what]: value });
}

async function choose({ client, session, agent, ref }: FoundAgent, what: What, value: string): Promise<void> {
  const id = agent.agent;
  const run = agent.run?.run;
  const body = { agent: id };
  if (what === 'mode') await client.command(streamOf(session), 'agent.mode', { ...body, mode: value });
  else await client.command(streamOf(session), 'agent.model', { ...body, model: value });
  const told = (async () => {
    for await (const { event, state } of followAgents(client, session)) {
      const { input, message } = event.body as Partial<AgentEvents['agent.refused']>;
      const mine = (event.body as { run?: string }).run === run;
      if (event.type === 'agent.refused' && mine && input === what)
        throw new SkeinError('bad_request', `${agent.name} does not take that ${what}: ${message}`, {
          advice: `What it offers: skein ${what} ${ref}`,
        });
      if (state.agents[id]?.[what] === value || state.agents[id]?.life !== 'running') return;
    }
  })();
  // Where nothing is told it was taken without a word.
  await Promise.race([told, new Promise((resolve) => setTimeout(resolve, TOLD_MS).unref())]);
}

/** By its id, by its name however it is written, or by the beginning of either. Throws `not_found` or `ambiguous`. */
export function choiceMeant(what: What, list: readonly Choice[], wanted: string): string {
  // Of one that offers nothing any word may be right: the agent says.
  if (list.length === 0) return wanted;
  const low = wanted.toLowerCase();
  const whole = list.find(({ id, name }) => id === wanted || name.toLowerCase() === low);
  if (whole !== undefined) return whole.id;
  const begun = list.filter(({ id, name }) => [id, name].some((one) => one.toLowerCase().startsWith(low)));
  const [only] = begun;
  if (begun.length === 1 && only !== undefined) return only.id;
  const near = (begun.length > 0 ? begun : list).map(({ id }) => id);
  if (begun.length > 1)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${near.join(', ')}.`, { near });
  throw new SkeinError('not_found', `No ${what} "${wanted}" is offered. There are: ${near.join(', ')}.`, {
    near,
  });
}

export function offerText(name: string, what: What, { current, list }: Offer, paint: Paint): string {
  if (list.length === 0)
    return current === null
      ? `${name} offers no ${what}s.`
      : `${what}: ${visible(current)}; ${name} offers no others.`;
  const rows = list.map((one): Cell[] => [
    { text: one.id === current ? '*' : ' ', paint: paint.green },
    { text: visible(one.id), paint: paint.bold },
    { text: visible(one.name) },
    { text: visible(one.description ?? ''), paint: paint.dim },
  ]);
  const other = current !== null && list.every(({ id }) => id !== current);
  return table(rows) + (other ? paint.dim(`now: ${visible(current)}\n`) : '');
}
