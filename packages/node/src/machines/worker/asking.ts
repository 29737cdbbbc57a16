/**
 * What a hosted agent asks of its home (rule X1): recorded by the worker, copied by home, answered by what home tells. Nobody needs to connect to
 * home, and whatever is killed in between, it is answered once.
 */
import { SkeinError } from '@skein/protocol/errors';
import type { HomeAnswer } from '@skein/protocol/machines/commands';
import type { HOME_ASKS, HostedEvents } from '@skein/protocol/machines/events';
import { MAX_HOME_ASK, MAX_HOME_ASKS } from '@skein/protocol/machines/limits';
import { NODE_ITSELF } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import { unpackEvents } from '../../kernel/codec.ts';
import type { DecideContext, Decision, KernelApi } from '../../kernel/types.ts';
import { farOf, told } from '../home/telling.ts';

/** The node's own commands to a hosted session, and to a session at home. */
export interface AskWords {
  'home.ask': { ask: string; kind: (typeof HOME_ASKS)[number]; body: unknown };
  /** Nobody waits for it any more, or this machine's policy has answered. */
  'home.withdraw': { ask: string; by: 'withdrawn' | 'policy' };
  'far.answer': HomeAnswer & { agent: string };
}

type Internal = {
  [K in keyof AskWords]: (state: SessionState, body: AskWords[K], ctx: DecideContext) => Decision;
};

export const askInternal: Internal = {
  'home.ask': ({ hosted, name }, body) => {
    if (hosted === null) throw new SkeinError('not_found', `Session "${name}" is at home here.`);
    // The same again waits for the same answer.
    if (hosted.asks.some(({ ask }) => ask === body.ask)) return {};
    if (hosted.asks.length >= MAX_HOME_ASKS)
      throw new SkeinError('mailbox_full', `${MAX_HOME_ASKS} questions wait for ${hosted.node} already.`);
    if (JSON.stringify(body.body).length > MAX_HOME_ASK)
      throw new SkeinError('too_large', 'That is too much to ask of another machine at once.');
    return { events: [{ type: 'home.asked', body }] };
  },
  'home.withdraw': ({ hosted }, { ask, by }) =>
    hosted?.asks.some((one) => one.ask === ask) === true
      ? { events: [{ type: 'home.answered', body: { ask, by } }] }
      : {},
  // What cannot be told now is asked again when it can: it must not keep anything from being copied.
  'far.answer': (state, { agent, ...answer }) => {
    const far = farOf(state, agent);
    if (far?.asks.some(({ ask }) => ask === answer.ask) !== true) return {};
    try {
      return { events: [told(state, agent, 'home.answer', answer)] };
    } catch {
      return {};
    }
  },
};

export type HomeAnswered = HostedEvents['home.answered'];

/** Asks home, and waits until that is answered; undefined when it was not by the time that `aborted` is. Throws `mailbox_full`, `too_large`. */
export async function askHome(
  kernel: KernelApi,
  session: string,
  asked: AskWords['home.ask'],
  aborted: AbortSignal,
): Promise<HomeAnswered | undefined> {
  const target = `session/${session}`;
  const { cursor } = await kernel.state<SessionState>(target);
  const events = await kernel.subscribe({ stream: target, from: cursor, follow: true });
  const close = () => events.close();
  aborted.addEventListener('abort', close, { once: true });
  try {
    const reply = await kernel.submit(NODE_ITSELF, { target, type: 'home.ask', body: asked });
    if (!reply.ok) throw SkeinError.fromBody(reply.error);
    if (aborted.aborted) return undefined;
    for (let page = await events.next(); page !== null; page = await events.next())
      for (const { type, body } of unpackEvents(page.data))
        if (type === 'home.answered' && (body as HomeAnswered).ask === asked.ask) return body as HomeAnswered;
    return undefined;
  } finally {
    aborted.removeEventListener('abort', close);
    events.close();
  }
}

/** Resolves with whether it was still open. */
export async function withdraw(
  kernel: KernelApi,
  session: string,
  body: AskWords['home.withdraw'],
): Promise<void> {
  await kernel.submit(NODE_ITSELF, { target: `session/${session}`, type: 'home.withdraw', body });
}
