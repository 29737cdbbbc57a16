/** Answers questions of agents, wherever they are (rule A5). */

import type { AgentCommands } from '@skein/protocol/agents/commands';
import { MAX_REASON } from '@skein/protocol/agents/limits';
import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { SkeinError } from '@skein/protocol/errors';
import { visible } from '@skein/protocol/text/words';
import { connectNode } from '../connect/node.ts';
import { placeOf } from '../connect/place.ts';
import type { Call } from '../invocation/call.ts';
import { doEach } from '../output/do-each.ts';
import { print } from '../output/write.ts';
import { isMeant } from './approval-text.ts';
import { approvalMeant, onJoined, type Waiting, waitingAt } from './waiting-approvals.ts';

/** A question, and the node that is to be told the answer. */
interface Target {
  client: Client;
  session: string;
  approval: string;
  title: string;
  whose: string;
}

/** All are found before any is answered; then each is, whatever becomes of the others. */
export async function answerAll(call: Call, yes: boolean): Promise<void> {
  const reason = call.text('reason');
  if (reason !== undefined && reason.length > MAX_REASON)
    throw new SkeinError('too_large', `A reason has ${MAX_REASON} characters at most.`);
  const option = call.text('option');
  const answer: AgentCommands['approval.answer']['answer'] =
    option === undefined ? (yes ? 'allow' : 'deny') : { option };
  const targets: Target[] = [];
  for (const id of call.args('id')) targets.push(await find(call.home, id));
  await doEach(targets, {
    json: call.json,
    called: ({ whose, title }) => visible(`${whose} ${title}`),
    act: async ({ client, session, approval, title, whose }) => {
      const body = {
        approval,
        answer,
        always: call.flag('always'),
        ...(reason === undefined ? {} : { reason }),
      };
      const reply = await client.command(`session/${session}`, 'approval.answer', body);
      const { outcome } = reply as { outcome: string };
      if (!call.json) print(`${outcome}: ${visible(`${whose} ${title}`)}`);
      return { approval, session, outcome };
    },
  });
}

async function find(home: string, text: string): Promise<Target> {
  const { node, ref: wanted } = placeOf(text);
  const client = await connectNode(home, { node });
  const clients = new Map<string | null, Client>([[node ?? null, client]]);
  const here = await waitingAt(client, node, undefined);
  let waiting = here;
  if (node === undefined && !here.some(({ approval }) => isMeant(approval, wanted)))
    waiting = await onJoined(
      home,
      client,
      (one, name) => {
        clients.set(name, one);
        return waitingAt(one, name, undefined);
      },
      () => {},
    );
  try {
    const one = approvalMeant(waiting, wanted);
    return targetOf(one, clients.get(one.node) ?? client);
  } catch (error) {
    // One that needs no answer any more: its session says who gave it.
    const settled =
      SkeinError.from(error).code === 'not_found' ? await settledHere(client, wanted) : undefined;
    if (settled === undefined) throw error;
    return settled;
  }
}

function targetOf(
  { approval, session, title, sessionName, agentName, node }: Waiting,
  client: Client,
): Target {
  const place = node === null ? sessionName : `${node}:${sessionName}`;
  return { client, session, approval, title, whose: `${place}/${agentName}` };
}

async function settledHere(client: Client, wanted: string): Promise<Target | undefined> {
  for (const { id, name, agents } of await allSessions(client)) {
    if (agents === undefined || agents.length === 0) continue;
    const session = await client.ask('session', { ref: id });
    const open = Object.values(session.approvals).map(({ approval, title }) => ({ approval, title }));
    const was = [...session.settled, ...open].find(({ approval }) => isMeant(approval, wanted));
    if (was !== undefined)
      return { client, session: id, approval: was.approval, title: was.title, whose: name };
  }
  return undefined;
}
