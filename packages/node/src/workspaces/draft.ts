/** A decision of a workspace while it is made: its events so far, the state after them, and who is told (rule K3). Pure. */
import { valueAt } from '@skein/protocol/keyed';
import type { WorkspaceEvents, WorkspaceNotes } from '@skein/protocol/workspaces/events';
import type { Holder } from '@skein/protocol/workspaces/holder';
import { type Pattern, parsePattern } from '@skein/protocol/workspaces/patterns';
import { reduceWorkspace, runIn } from '@skein/protocol/workspaces/reduce';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import type { DecideContext, Decision, Effect, NewEvent, Tell } from '../kernel/types.ts';
import { type ClaimIndex, indexOf } from './claims/claim-index.ts';

export class Draft {
  state: WorkspaceState;
  readonly ctx: DecideContext;
  readonly events: NewEvent[] = [];
  readonly effects: Effect[] = [];
  readonly tell: Tell[] = [];
  /** What nobody holds any more, or writes, or waits for: others may have waited for that. */
  readonly freed: Pattern[] = [];
  /** By session. */
  readonly #notes = new Map<string, NewEvent[]>();

  constructor(state: WorkspaceState, ctx: DecideContext) {
    this.state = state;
    this.ctx = ctx;
  }

  get index(): ClaimIndex {
    return indexOf(this.state);
  }

  /** One more event; the sessions that it concerns are told of it. */
  push<K extends keyof WorkspaceEvents & string>(type: K, body: WorkspaceEvents[K]): void {
    const before = this.state;
    const { now: at, by } = this.ctx;
    this.events.push({ type, body });
    this.state = reduceWorkspace(before, { type, body, at, by });
    this.#follow(before, type, body);
  }

  note<K extends keyof WorkspaceNotes & string>(
    session: string,
    type: K,
    body: Omit<WorkspaceNotes[K], 'workspace' | 'workspaceName'>,
  ): void {
    const { id, name } = this.state;
    const note = { type, body: { workspace: id, workspaceName: name, ...body } };
    const others = this.#notes.get(session);
    if (others === undefined) this.#notes.set(session, [note]);
    else others.push(note);
  }

  decision(reply?: unknown): Decision {
    const notes = [...this.#notes].map(([session, events]) => ({
      target: `session/${session}`,
      type: 'workspace.notes',
      body: { events },
    }));
    const { events, effects } = this;
    return { events, effects, tell: [...this.tell, ...notes], ...(reply === undefined ? {} : { reply }) };
  }

  #free(globs: readonly string[]): void {
    this.freed.push(...globs.map(parsePattern));
  }

  #follow(before: WorkspaceState, type: keyof WorkspaceEvents, told: unknown): void {
    switch (type) {
      case 'claim.taken': {
        const { holder, lease: _, ...body } = told as WorkspaceEvents['claim.taken'];
        if (holder.kind === 'run')
          this.note(holder.session, type, { ...body, run: holder.run, agent: holder.agent });
        return;
      }
      case 'claim.released': {
        const { claim, why, reason } = told as WorkspaceEvents['claim.released'];
        const old = valueAt(before.claims, claim);
        if (old === undefined) return;
        const { holder, globs } = old;
        this.#free(globs);
        if (holder.kind === 'run')
          this.note(holder.session, type, {
            ...{ claim, run: holder.run, agent: holder.agent, globs, why },
            ...(reason === undefined ? {} : { reason }),
          });
        return;
      }
      case 'claim.dropped': {
        const { claim } = told as WorkspaceEvents['claim.dropped'];
        this.#free(before.waiters.find((one) => one.claim === claim)?.globs ?? []);
        return;
      }
      case 'write.ended': {
        const { run, call } = told as WorkspaceEvents['write.ended'];
        this.#free(runIn(before, run)?.calls[call]?.paths ?? []);
        return;
      }
      case 'run.left': {
        const { run } = told as WorkspaceEvents['run.left'];
        for (const { paths } of Object.values(runIn(before, run)?.calls ?? {})) this.#free(paths);
        return;
      }
      case 'conflict.found': {
        const body = told as WorkspaceEvents['conflict.found'];
        for (const session of sessionsOf(body)) this.note(session, type, body);
        return;
      }
      default:
    }
  }
}

function sessionsOf({ holder, writers }: { holder: Holder; writers: { session: string }[] }): Set<string> {
  const sessions = writers.map(({ session }) => session);
  return new Set(holder.kind === 'run' ? [holder.session, ...sessions] : sessions);
}
