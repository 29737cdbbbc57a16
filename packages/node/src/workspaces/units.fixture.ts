/** The actors of the node, of its peers, of sessions and of workspaces together, without a kernel: each command with all that it tells, or nothing. */
import { SkeinError } from '@skein/protocol/errors';
import type { PeersState } from '@skein/protocol/peers/state';
import type { NodeState } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { type ActorView, decideUnit } from '../kernel/actors/unit.ts';
import { unpackEvents } from '../kernel/codec.ts';
import { type ActorKind, EFFECT_OUTCOME, type Effect, type LogEvent } from '../kernel/types.ts';
import { peersActor } from '../peers/actor.ts';
import { nodeActor } from '../sessions/node-actor.ts';
import { sessionActor } from '../sessions/session-actor.ts';
import { workspaceActor } from './workspace-actor.ts';

export const OWNER = { kind: 'owner', via: 'local' };
const NODE = { kind: 'node' };
const factsFor = (body: unknown) => ({ workspaces: '/ws', root: `/ws/${(body as { id?: string }).id}` });

const KINDS = new Map<string, ActorKind<unknown>>(
  [nodeActor, peersActor, sessionActor, workspaceActor].map((kind) => [
    kind.kind,
    kind as ActorKind<unknown>,
  ]),
);

export class Units {
  readonly #actors = new Map<string, ActorView>();
  /** Those that have not come to anything yet, with their targets. */
  effects: { target: string; effect: Effect }[] = [];
  /** All events, by target. */
  readonly events = new Map<string, LogEvent[]>();
  now = 1_000;
  #seq = 0;

  get node(): NodeState {
    return this.#view('node').state as NodeState;
  }

  get peers(): PeersState {
    return this.#view('peers').state as PeersState;
  }

  session(id: string): SessionState {
    return this.#view(`session/${id}`).state as SessionState;
  }

  workspace(id: string): WorkspaceState {
    return this.#view(`workspace/${id}`).state as WorkspaceState;
  }

  /** A client's command; throws what it is refused with. */
  give(target: string, type: string, body: unknown, by: unknown = OWNER, facts?: unknown): unknown {
    return this.#run(by, { target, type, body }, { client: 'c', seq: ++this.#seq }, facts);
  }

  /** A command of the node itself. */
  tell(target: string, type: string, body: unknown): unknown {
    return this.#run(NODE, { target, type, body }, undefined);
  }

  /** What the first effect of a kind has come to. */
  outcome(kind: string, how: { value: unknown } | { error: SkeinError }, id?: string): void {
    const found = this.effects.find(
      ({ effect }) => effect.kind === kind && (id === undefined || effect.id === id),
    );
    if (found === undefined) throw new Error(`no effect ${kind} is under way`);
    this.effects = this.effects.filter((one) => one !== found);
    const result =
      'error' in how ? { status: 'failed', error: how.error.toBody() } : { status: 'done', value: how.value };
    this.tell(found.target, EFFECT_OUTCOME, { id: found.effect.id, kind, ...result });
  }

  #view(target: string): ActorView {
    const [name = '', id = ''] = target.split('/');
    const kind = KINDS.get(name);
    if (kind === undefined) throw new Error(`no actor ${target}`);
    return this.#actors.get(target) ?? { kind, id, state: kind.initial(id), offset: 0 };
  }

  #run(
    by: unknown,
    command: { target: string; type: string; body: unknown },
    id: { client: string; seq: number } | undefined,
    facts: unknown = factsFor(command.body),
  ) {
    const request = { by, facts, now: this.now, command, id, blobName: () => 'blob' };
    const result = decideUnit((target) => this.#view(target), request);
    if (result.is === 'load') throw new Error(`no actor ${result.target}`);
    if (result.is !== 'decided') throw SkeinError.fromBody(result.error);
    for (const { target, kind, id: name, state, offset, effects, events } of result.drafts) {
      this.events.set(target, [...(this.events.get(target) ?? []), ...events.flatMap(unpackEvents)]);
      this.#actors.set(target, { kind, id: name, state, offset });
      this.effects.push(...effects.map((effect) => ({ target, effect })));
    }
    return result.reply;
  }
}
