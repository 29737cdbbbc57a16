/** What each turn has used, from a session's events. */

import { readEvents } from '@skein/client/events';
import type { AgentEvents, TurnEnd } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import { NOTHING_USED, payerOf, type Totals, told } from '@skein/protocol/agents/usage';
import type { Client } from '@skein/protocol/client/client';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { type Session, streamOf } from '../../agents/open.ts';

export interface UsedTurn {
  session: string;
  agent: string;
  turn: string;
  at: number;
  /** Milliseconds; null while it runs, and where its end was never told. */
  ms: number | null;
  end: TurnEnd | null;
  /** As in `members`. */
  by: string;
  /** The beginning of its prompt; null when the agent began by itself. */
  prompt: string | null;
  used: Totals;
}

export async function usedTurns(client: Client, session: Session): Promise<UsedTurn[]> {
  const turns = new TurnSums(session.id);
  for await (const event of readEvents(client, { stream: streamOf(session), after: 0, follow: false }))
    turns.push(event);
  return turns.all;
}

/** Pure but for what it keeps. Of a prompt too large for its page only the turn is known. */
export class TurnSums {
  readonly #session: string;
  readonly #agents = new Map<string, string>();
  readonly #prompts = new Map<string, { by: unknown; preview: string }>();
  readonly #open = new Map<string, UsedTurn>();
  readonly all: UsedTurn[] = [];

  constructor(session: string) {
    this.#session = session;
  }

  push({ type, at, by, body }: StoredEvent): void {
    if (body === undefined) return;
    switch (type) {
      case 'agent.starting': {
        const { agent, run } = body as AgentLifeEvents['agent.starting'];
        this.#agents.set(run, agent);
        return;
      }
      case 'prompt.queued':
      case 'prompt.edited': {
        const { prompt, preview } = body as AgentLifeEvents['prompt.queued'];
        this.#prompts.set(prompt, { by, preview });
        return;
      }
      case 'prompt.cancelled':
        this.#prompts.delete((body as AgentLifeEvents['prompt.cancelled']).prompt);
        return;
      case 'turn.started':
        return this.#started(body as AgentEvents['turn.started'], at);
      case 'usage.set': {
        const usage = body as AgentEvents['usage.set'];
        const turn = this.#open.get(key(usage));
        if (turn !== undefined) turn.used = told(turn.used, usage);
        return;
      }
      case 'turn.ended': {
        const ended = body as AgentEvents['turn.ended'];
        const turn = this.#open.get(key(ended));
        this.#open.delete(key(ended));
        if (turn !== undefined) Object.assign(turn, { ms: at - turn.at, end: ended.reason });
      }
    }
  }

  #started({ run, turn, prompt, replayed }: AgentEvents['turn.started'], at: number): void {
    if (replayed === true) return;
    const asked = prompt === null ? undefined : this.#prompts.get(prompt);
    if (prompt !== null) this.#prompts.delete(prompt);
    const begun: UsedTurn = {
      ...{ session: this.#session, agent: this.#agents.get(run) ?? '', turn, at, ms: null, end: null },
      ...{
        by: payerOf(asked?.by ?? null),
        prompt: asked?.preview ?? null,
        used: { ...NOTHING_USED, turns: 1 },
      },
    };
    this.#open.set(key({ run, turn }), begun);
    this.all.push(begun);
  }
}

const key = ({ run, turn }: { run: string; turn: string | null }) => `${run} ${turn}`;
