/** A home and a worker as their actors decide, without nodes around them: what is between them a test moves by hand. */

import { SkeinError } from '@skein/protocol/errors';
import type { Far } from '@skein/protocol/machines/far';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { emptySession, reduceSession, type SessionState } from '@skein/protocol/sessions/state';
import { pack, unpack } from '../../kernel/codec.ts';
import type { DecideContext, Decision, NewEvent } from '../../kernel/types.ts';
import { sessionActor } from '../../sessions/session-actor.ts';

export const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';
export const [SESSION, HOSTED, AGENT, RUN] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc', 'dddddddddddd'];

/** One session's actor with its log. */
export class Log {
  state: SessionState;
  events: StoredEvent[] = [];
  now = 1_000;

  constructor(id: string) {
    this.state = emptySession(id);
  }

  get offset(): number {
    return this.events.length;
  }

  context(by: unknown = NODE_ITSELF, facts?: unknown): DecideContext {
    const { id } = this.state;
    return { now: this.now, by, target: `session/${id}`, id, offset: this.offset, facts };
  }

  record(events: readonly NewEvent[], by: unknown = NODE_ITSELF): void {
    for (const { type, body, copied } of events) {
      const at = copied?.at ?? this.now;
      const source = copied === undefined ? {} : { source: copied.source };
      const event = unpack(pack({ type, at, by, ...source, body })) as StoredEvent;
      this.events.push(event);
      this.state = reduceSession(this.state, event, this.offset);
    }
  }

  /** The node's own command, or with `by` somebody's. Throws what it is refused with. */
  do(type: string, body: unknown, by?: unknown, facts?: unknown): Decision {
    const ctx = {
      ...this.context(by, facts),
      ...(by === undefined ? {} : { command: { client: 'c', seq: 1 } }),
    };
    const decision = sessionActor.decide(this.state, { type, body }, ctx);
    if ('refuse' in decision) throw new Error(decision.refuse.message);
    this.record(decision.events ?? [], by);
    return decision;
  }

  of(...types: string[]): StoredEvent[] {
    return this.events.filter(({ type }) => types.includes(type));
  }
}

/** A home whose agent is placed and ready, nothing of it copied yet. */
export function home(): Log {
  const log = new Log(SESSION);
  log.record([{ type: 'session.created', body: { id: SESSION, name: 'api', argv: ['fake'], cwd: '/' } }]);
  const spec = { agent: AGENT, run: RUN, definition: 'fake', on: PEER, there: { dir: '/w' } };
  log.do('agent.add', spec, LOCAL_OWNER, { far: { peer: PEER, node: 'box' } });
  const value = { session: HOSTED, term: 60_000, away: 'stop', claims: 'hold' };
  log.do('effect.outcome', { id: RUN, kind: 'place-far', status: 'done', value });
  return log;
}

/** What a worker records of one that has become ready. */
export const READY: NewEvent[] = [
  { type: 'agent.starting', body: { agent: AGENT, run: RUN, resume: null, attempt: 0 } },
  {
    type: 'agent.started',
    body: {
      ...{ agent: AGENT, run: RUN, host: 'h', pid: 1, start: 's', driver: 'acp', argv: ['x'], stuckAfter: 0 },
      restart: { when: 'never', most: 0, delay: 0 },
    },
  },
  { type: 'agent.ready', body: { run: RUN } },
];

export const LOG = 77;
export const far = (log: Log): Far => log.state.far[AGENT] as Far;
export const said = (text: string): NewEvent => ({
  type: 'message.delta',
  body: { run: RUN, turn: 't', item: 'i', from: 'agent', text },
});

/** The worker's log, and what of it home is given: the events after `from`, so many of them. */
export function worker(...more: NewEvent[]): Log {
  const log = new Log(HOSTED);
  log.now = 5_000;
  log.record([...READY, ...more]);
  return log;
}
export function copy(
  log: Log,
  from: Log,
  at = far(log).cursor?.offset ?? 0,
  count = 1_000,
  epoch = LOG,
): void {
  const events = from.events.slice(at, at + count);
  log.do('far.copy', { agent: AGENT, epoch, from: at, events, answers: [] });
}
export function ready(...more: NewEvent[]): [Log, Log] {
  const [here, there] = [home(), worker(...more)];
  copy(here, there);
  return [here, there];
}
/** With what something is refused. */
export function refusal(what: () => unknown): SkeinError {
  try {
    what();
  } catch (error) {
    return SkeinError.from(error);
  }
  throw new Error('It was not refused.');
}
