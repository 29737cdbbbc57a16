/** A workspace's actor played by hand: what it decides is applied at once, what it tells others is kept. */
import { pairsOf } from '@skein/protocol/keyed';
import { LOCAL_OWNER, NODE_ITSELF } from '@skein/protocol/members/who';
import type { WorkspaceCommands } from '@skein/protocol/workspaces/commands';
import type { Strength } from '@skein/protocol/workspaces/holder';
import type { WorkspaceState } from '@skein/protocol/workspaces/state';
import { pack, unpack } from '../../kernel/codec.ts';
import type { Decision, Effect, LogEvent, NewEvent, Tell } from '../../kernel/types.ts';
import { workspaceActor } from '../workspace-actor.ts';

export const GUARDED: Strength = { files: 'guarded', shell: 'watched' };

interface Taking {
  claim?: string;
  for?: string;
  wait?: boolean;
  steal?: { reason: string };
  lease?: number;
}

export class Scene {
  state: WorkspaceState;
  /** Everything that was decided. */
  readonly events: LogEvent[] = [];
  readonly told: Tell[] = [];
  readonly effects: Effect[] = [];
  now = 1_000_000_000_000;
  #seq = 0;

  constructor(begin: { strict?: boolean; id?: string } = {}) {
    const { strict = false, id = 'wwwwwwwwwwww' } = begin;
    this.state = workspaceActor.initial(id);
    const source = { kind: 'scratch' };
    this.tell('workspace.begin', { id, name: 'w', source, root: '/w', strict, keep: 'always' });
    this.apply([{ type: 'workspace.ready', body: { git: null, folds: { case: false, unicode: false } } }]);
  }

  /** Runs enter, in sessions of their own; returns the first. */
  enter(...runs: string[]): string {
    for (const run of runs) this.enterAs(run, GUARDED);
    return runs[0] ?? '';
  }

  enterAs(run: string, strength: Strength): void {
    this.tell('run.entered', {
      run: runId(run),
      session: `s${run}`,
      agent: `g${run}`,
      name: run,
      strength,
    });
  }

  /** A command of the node's own. */
  tell(type: string, body: unknown): unknown {
    return this.#decide(type, body, false);
  }

  /** A command of the machine's user. */
  command<K extends keyof WorkspaceCommands & string>(type: K, body: unknown, facts?: unknown): unknown {
    return this.#decide(type, body, true, facts);
  }

  take(glob: string | string[], { for: run, ...rest }: Taking = {}): unknown {
    const claim = this.newId();
    const holder = run === undefined ? {} : { for: { run: runId(run) } };
    return this.command('claim.take', { claim, globs: [glob].flat(), ...holder, ...rest });
  }

  release({ for: run, ...rest }: { for?: string; globs?: string[]; claims?: string[] } = {}): unknown {
    return this.command('claim.release', {
      ...(run === undefined ? {} : { for: { run: runId(run) } }),
      ...rest,
    });
  }

  write(run: string, call: string, ...paths: string[]): unknown {
    return this.tell('write.begin', { run: runId(run), call, paths });
  }

  written(run: string, call: string): unknown {
    return this.tell('write.end', { run: runId(run), call });
  }

  turn(run: string): unknown {
    return this.tell('turn.ended', { run: runId(run) });
  }

  leave(run: string): unknown {
    return this.tell('run.left', { run: runId(run) });
  }

  /** By pattern, whose it is. */
  holders(): Record<string, string> {
    const all = [...pairsOf(this.state.claims)].map(([, claim]) => claim);
    return Object.fromEntries(all.flatMap(({ globs, holder }) => globs.map((glob) => [glob, holder.name])));
  }

  /** The types of what a session was told. */
  noted(session: string): string[] {
    return this.told
      .filter(({ target, type }) => target === `session/${session}` && type === 'workspace.notes')
      .flatMap(({ body }) => (body as { events: NewEvent[] }).events.map(({ type }) => type));
  }

  newId(): string {
    this.#seq += 1;
    return this.#seq.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(12, 'c');
  }

  apply(events: readonly NewEvent[], by: unknown = NODE_ITSELF): void {
    for (const { type, body } of events) {
      const event = unpack(pack({ type, body, at: this.now, by })) as LogEvent;
      this.events.push(event);
      this.state = workspaceActor.apply(this.state, event, this.events.length);
    }
  }

  #decide(type: string, body: unknown, asked: boolean, facts?: unknown): unknown {
    const by = asked ? LOCAL_OWNER : NODE_ITSELF;
    const { id } = this.state;
    const ctx = { now: this.now, by, target: `workspace/${id}`, id, offset: this.events.length, facts };
    const command = asked ? { command: { client: 'test', seq: this.events.length + 1 } } : {};
    const decision = workspaceActor.decide(this.state, { type, body }, { ...ctx, ...command }) as Decision;
    this.apply(decision.events ?? [], by);
    this.told.push(...(decision.tell ?? []));
    this.effects.push(...(decision.effects ?? []));
    return decision.reply;
  }
}

/** Runs of a scene are called shortly, and their ids are made of that. */
export const runId = (run: string): string => run.padEnd(12, '2');
