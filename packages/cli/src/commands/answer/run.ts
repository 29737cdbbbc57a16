/** Finds a question on this machine, else on those that were joined, and answers it (rule N4). */

import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { SkeinError } from '@skein/protocol/errors';
import type { InboxItem } from '@skein/protocol/tasks/asks';
import { visible } from '@skein/protocol/text/words';
import { onJoined } from '../../agents/waiting-approvals.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';
import { answerMeant, questionMeant } from '../../tasks/answer-meant.ts';

interface Found {
  client: Client;
  item: InboxItem;
}

export async function run(call: Call): Promise<void> {
  const { client, item } = await find(call.home, call.needed('question'));
  const answer = answerMeant(item.options, call.args('answer').join(' '));
  const { session, id: question } = item;
  await client.command(`session/${session}`, 'question.answer', { question, answer });
  if (call.json) printJson({ question, session, answer });
  else print(`Answered: ${visible(answer)}`);
}

async function find(home: string, text: string): Promise<Found> {
  const { node, ref } = placeOf(text);
  const client = await connectNode(home, { node });
  const asked = [client];
  const open = await questionsAt(client);
  const isThere = () => open.some(({ item }) => item.id.startsWith(ref));
  if (node === undefined && !isThere()) {
    const on = async (one: Client) => {
      asked.push(one);
      return questionsAt(one);
    };
    open.push(...(await onJoined(home, client, on, () => {})));
  }
  if (isThere()) return questionMeant(open, ref);
  for (const one of asked) {
    const settled = await settledAt(one, ref);
    if (settled !== undefined) return settled;
  }
  return questionMeant(open, ref);
}

async function questionsAt(client: Client): Promise<Found[]> {
  const { items } = await client.ask('inbox', {});
  return items.flatMap((item) => (item.kind === 'question' ? [{ client, item }] : []));
}

/** One that needs no answer any more: its session says who gave it. */
async function settledAt(client: Client, wanted: string): Promise<Found | undefined> {
  for (const { id: session } of await allSessions(client)) {
    const one = await client.ask('question', { ref: session, question: wanted }).catch((error) => {
      if (SkeinError.from(error).code === 'not_found') return undefined;
      throw error;
    });
    if (one === undefined || !one.question.startsWith(wanted)) continue;
    const about = { kind: 'question' as const, id: one.question, session, sessionName: '', title: one.text };
    const rest = { agent: null, agentName: null, at: one.at, detail: null, n: one.n, yours: true };
    return { client, item: { ...about, ...rest, options: [] } };
  }
  return undefined;
}
