/** What agents have come to, for tools that tell of it. */
import { type AgentState, doing, isAlive } from '@skein/protocol/agents/state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { AgentNow } from '@skein/protocol/tools/parts';
import { unpackEvents } from '../kernel/codec.ts';
import type { KernelApi } from '../kernel/types.ts';

/** Characters of a last message that are told with a state. */
const SAID = 4_000;
/** Events of a turn that are looked through for it, from its end: a message is told in few, since pieces are put together. */
const LOOKED = 2_000;

/** Whether it has nothing to do any more, or cannot go on by itself. */
export function isAtRest(state: SessionState, agent: AgentState): boolean {
  if (!isAlive(agent)) return true;
  if (agent.stopping) return false;
  if (agent.life !== 'running' || agent.run?.ready !== true) return false;
  if (doing(agent, state) === 'waiting') return true;
  return agent.turn === null && agent.queue.length === 0;
}

export async function agentNow(kernel: KernelApi, state: SessionState, agent: AgentState): Promise<AgentNow> {
  const { agent: id, name, queue, turns, last, why, reported } = agent;
  const asks = Object.values(state.approvals)
    .filter((one) => one.agent === id && one.answered === null)
    .map(({ approval, title }) => ({ approval, title }));
  return {
    ...{ agent: id, name, state: doing(agent, state), queued: queue.length, turns },
    ended: last?.end ?? null,
    reported: reported === undefined ? null : { ok: reported.ok, text: reported.text },
    said: await lastSaid(kernel, state, agent),
    ...{ asks, why },
  };
}

/** The last message of its last turn, its end where it is long; null where it said nothing. */
async function lastSaid(
  kernel: KernelApi,
  state: SessionState,
  { last, run }: AgentState,
): Promise<string | null> {
  if (last === undefined) return null;
  const stream = `session/${state.id}`;
  const head = kernel.head(stream);
  const to = last.to ?? head?.head ?? last.from;
  const from = Math.max(last.from, to - LOOKED, (head?.first ?? 1) - 1);
  let item: string | undefined;
  let text = '';
  const events = await kernel.subscribe({ stream, from: { epoch: 0, offset: from }, follow: false });
  try {
    for (let page = await events.next(); page !== null && page.first <= to; page = await events.next()) {
      for (const { type, body } of unpackEvents(page.data)) {
        if (type !== 'message.delta' && type !== 'message.ended') continue;
        const piece = body as {
          run: string;
          turn: string | null;
          item: string;
          parent?: string;
          from?: string;
          text?: string;
        };
        if (piece?.run !== run?.run || piece.turn !== last.turn || piece.parent !== undefined) continue;
        if (piece.from === 'user') continue;
        if (type === 'message.ended') text = piece.item === item ? (piece.text ?? text) : text;
        else if (piece.item === item) text += piece.text ?? '';
        else [item, text] = [piece.item, piece.text ?? ''];
      }
    }
  } finally {
    events.close();
  }
  if (text === '') return null;
  return text.length <= SAID ? text : `…${text.slice(-SAID)}`;
}

/** In a line or two, for a model. */
export function inWords(now: AgentNow): string {
  const { name, state, queued, ended, said, asks, why, reported } = now;
  const lines = [
    `${name}: ${state}${queued > 0 ? `, ${queued} prompts wait` : ''}${ended === null ? '' : `, last turn ${ended}`}`,
  ];
  if (why !== null) lines.push(`  why: ${why}`);
  for (const { approval, title } of asks)
    lines.push(`  asks to be allowed (approval "${approval}"): ${title}`);
  if (reported !== null) lines.push(`  reported${reported.ok ? '' : ' that it could not'}: ${reported.text}`);
  else if (said !== null) lines.push(`  said: ${said}`);
  return lines.join('\n');
}
