/** What waits for people over all sessions of this node (rules N4, A5): read from what the sessions are now. */
import { once } from 'node:events';
import { doing } from '@skein/protocol/agents/state';
import { allows, COMMAND_NEEDS, type Need, type Role } from '@skein/protocol/members/roles';
import type { Listed } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { InboxItem } from '@skein/protocol/tasks/asks';
import type { KernelApi } from '../kernel/types.ts';
import { roleIn } from '../members/gate.ts';
import type { Principal } from '../members/principal.ts';
import { endedAt, type Since, seenBy, sinceThen } from '../members/since.ts';
import type { Sessions } from '../sessions/service.ts';

/** Milliseconds for which what came to nothing is told of. */
const RECENT_MS = 24 * 3_600_000;
/** Milliseconds in which changes are taken together. */
const TOGETHER_MS = 200;
/** Items of each kind of one session; characters of what each says. */
const MOST = 64;
const TITLE = 300;

export class Inbox {
  readonly #sessions: Sessions;
  readonly #kernel: Pick<KernelApi, 'changed' | 'head'>;

  constructor(sessions: Sessions, kernel: Pick<KernelApi, 'changed' | 'head'>) {
    this.#sessions = sessions;
    this.#kernel = kernel;
  }

  /** The newest first. */
  async items(by: Principal): Promise<InboxItem[]> {
    const items: InboxItem[] = [];
    for (const listed of await this.#concerned()) {
      if (by.kind !== 'owner' && !Object.hasOwn(listed.devices, by.device)) continue;
      const state = await this.#sessions.session(listed.id);
      items.push(...itemsOf(seenBy(state, by), roleIn(by, listed), Date.now(), sinceThen(state, by)));
    }
    return items.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  }

  /** Resolves when something may be otherwise, or when aborted. */
  async changed(aborted: AbortSignal): Promise<void> {
    if (aborted.aborted) return;
    const stops: (() => void)[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const streams = ['node', ...(await this.#concerned()).map(({ id }) => `session/${id}`)];
    if (aborted.aborted) return;
    for (const stream of streams)
      if (this.#kernel.head(stream) !== undefined) stops.push(this.#kernel.changed(stream, resolve));
    await Promise.race([promise, once(aborted, 'abort').catch(() => {})]);
    for (const stop of stops) stop();
    if (aborted.aborted) return;
    const pause = Promise.withResolvers<void>();
    const timer = setTimeout(pause.resolve, TOGETHER_MS);
    await Promise.race([pause.promise, once(aborted, 'abort').catch(() => {})]);
    clearTimeout(timer);
  }

  async #concerned(): Promise<Listed[]> {
    const all = await this.#sessions.list();
    // What agents of other homes wait for is theirs to answer.
    return all.filter(
      ({ agents, work, hosted }) => hosted === undefined && (agents.length > 0 || work !== undefined),
    );
  }
}

/** What of one session waits for somebody with that role; of what came to nothing, only what `since` lets them see (rule M3). */
export function itemsOf(state: SessionState, role: Role, now: number, since?: Since): InboxItem[] {
  const may = (command: keyof typeof COMMAND_NEEDS) => allows(role, COMMAND_NEEDS[command] as Need);
  const { id: session, name: sessionName } = state;
  const item = (
    kind: InboxItem['kind'],
    one: Partial<InboxItem> & Pick<InboxItem, 'id' | 'at' | 'title'>,
  ) => ({
    ...{ kind, session, sessionName, agent: null, agentName: null, detail: null, options: [], n: null },
    yours: role !== 'viewer',
    ...one,
    title: one.title.slice(0, TITLE),
  });
  const named = (agent: string | null) =>
    agent === null ? {} : { agent, agentName: state.agents[agent]?.name ?? agent };
  const recent = (at: number | null) => at !== null && since?.(at) !== false && now - at < RECENT_MS;
  const approvals = Object.values(state.approvals)
    .filter(({ answered }) => answered === null)
    .map(({ approval, agent, at, title, detail }) =>
      item('approval', { id: approval, at, title, detail, ...named(agent), yours: may('approval.answer') }),
    );
  const questions = Object.values(state.questions).map(({ question, n, agent, at, text, options }) =>
    item('question', {
      ...{ id: question, n, at, title: text, options, ...named(agent) },
      yours: may('question.answer'),
    }),
  );
  const tasks = Object.values(state.tasks)
    .filter(({ life, ended }) => (life === 'failed' || life === 'late') && recent(ended))
    .map((one) => {
      const { task, n, agent, ended, added, text, why, life } = one;
      const detail = why === null ? life : `${life}: ${why}`.slice(0, TITLE);
      return item('task', {
        id: task,
        n,
        at: ended ?? added,
        title: text,
        detail,
        ...named(agent),
        yours: may('task.retry'),
      });
    });
  const agents = Object.values(state.agents).flatMap((one) => {
    const there = Object.hasOwn(state.far, one.agent) ? state.far[one.agent] : undefined;
    if (there !== undefined && there.unleased !== null) {
      const title = `On ${there.node}, not commanded from here any more: ${there.unleased}`;
      const yours = may('agent.restart');
      return [
        item('agent', {
          id: one.agent,
          at: there.since,
          title,
          detail: 'unleased',
          ...named(one.agent),
          yours,
        }),
      ];
    }
    const now = doing(one, state);
    const bad = now === 'stuck' || now === 'failed';
    const at = now === 'failed' ? endedAt(one) : (one.turn?.startedAt ?? one.run?.startedAt ?? one.added);
    if (!bad || !(now === 'stuck' || recent(at))) return [];
    const title =
      now === 'stuck' ? 'Nothing has come from it for long' : (one.why ?? 'It could not be started');
    return [
      item('agent', {
        id: one.agent,
        at,
        title,
        detail: now,
        ...named(one.agent),
        yours: may('agent.restart'),
      }),
    ];
  });
  const conflicts = state.conflicts
    .filter(({ at }) => recent(at))
    .map((one) =>
      item('conflict', {
        id: one.path,
        at: one.at,
        title: one.path,
        detail: `${one.what}, held by ${one.holder.name}`,
      }),
    );
  const landings = state.landings
    // What has become of the worktree's work since counts.
    .filter(({ from }, i, all) => !all.some((other, j) => j > i && other.from === from))
    .filter(({ state: at, at: when, nothing }) => at === 'stopped' && nothing !== true && recent(when))
    .filter(({ agent }) => agent === null || Object.hasOwn(state.agents, agent))
    .map((one) =>
      item('landing', {
        id: one.landing,
        at: one.at,
        title: one.branch,
        detail: one.message,
        ...named(one.agent),
        // It is this machine's user's.
        yours: role === 'owner',
      }),
    );
  return [approvals, questions, tasks, agents, conflicts, landings].flatMap((some) => some.slice(-MOST));
}
