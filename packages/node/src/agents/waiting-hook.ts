/**
 * Calls somebody when an agent or a program waits for an answer and nobody who may give it is looking: by the command that the user
 * configured, `{"hooks": {"waiting": "…"}}` in config.json. What is asked reaches it in its environment, never in its arguments.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { SessionState } from '@skein/protocol/sessions/state';
import * as z from 'zod';
import { readJson } from '../platform/files.ts';
import { signalGroup } from '../platform/process.ts';

/** Milliseconds for somebody who looks to come before the command is run, and for the command to end. */
const GRACE_MS = 1_000;
const LIMIT_MS = 30_000;
/** Commands that run at once; who is to be called beyond is when one has ended, if that is still asked. */
const MOST = 8;

const config = z.object({ hooks: z.object({ waiting: z.string().min(1).max(4096) }) });

interface HookContext {
  home: string;
  session(id: string): Promise<SessionState>;
  /** Whether anybody looks who may answer what is asked in a session. */
  mayAnswer(session: SessionState): boolean;
  /** The command was run for a question: recorded, so that no later node does so again. */
  called(session: string, id: string, kind: 'approval' | 'question'): Promise<unknown>;
  log(level: 'info' | 'warn', message: string, data?: Record<string, unknown>): void;
}

export class WaitingHook {
  readonly #context: HookContext;
  /** Questions that were seen, by session. */
  readonly #seen = new Map<string, Set<string>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Those that are to be called, as there is room. */
  #waiting: (readonly [session: string, id: string])[] = [];
  #running = 0;

  constructor(context: HookContext) {
    this.#context = context;
  }

  /** What of a kind is open in a session now. */
  asks(session: string, open: readonly string[], kind: Asked['kind'] = 'approval'): void {
    const of = `${kind} ${session}`;
    const before = this.#seen.get(of) ?? new Set();
    this.#seen.set(of, new Set(open));
    if (open.length === 0) this.#seen.delete(of);
    for (const approval of open) if (!before.has(approval)) this.#later(session, approval);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting = [];
  }

  #later(session: string, approval: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#waiting.push([session, approval]);
      this.#callNext();
    }, GRACE_MS);
    this.#timers.add(timer.unref());
  }

  #callNext(): void {
    while (this.#running < MOST) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      this.#call(...next)
        .catch((error: Error) =>
          this.#context.log('warn', 'The hook for waiting agents could not be run.', {
            error: error.message,
          }),
        )
        .finally(() => {
          this.#running -= 1;
          this.#callNext();
        });
    }
  }

  /** Resolves when the command has ended, or there is none to be run. */
  async #call(session: string, id: string): Promise<void> {
    const command = this.#command();
    if (command === undefined) return;
    const state = await this.#context.session(session);
    const asked = askedIn(state, id);
    if (asked === undefined) return;
    // Whoever may answer is called by the home of its agent (X3).
    if (state.hosted !== null) return;
    if (this.#context.mayAnswer(state)) return;
    const { log } = this.#context;
    // It throws for what no program can be given. In a group of its own, so that what it has started ends with it.
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: '/',
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, ...withoutNul(asked.variables) },
    });
    const { pid } = child;
    const limit = setTimeout(() => pid !== undefined && signalGroup(pid, 'SIGKILL'), LIMIT_MS);
    limit.unref();
    // Afterwards: of a node that is killed in between somebody is called twice, which is better than never.
    child.once('spawn', () => {
      this.#context.called(session, id, asked.kind).catch((error: Error) =>
        log('warn', 'That the hook for waiting agents was run could not be recorded.', {
          error: error.message,
        }),
      );
    });
    child.once('error', (error) =>
      log('warn', 'The hook for waiting agents could not be run.', { error: error.message }),
    );
    child.once('exit', (code) => {
      if (code !== 0) log('warn', 'The hook for waiting agents failed.', { code });
    });
    await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
    clearTimeout(limit);
  }

  /** Read each time, so that a change needs no restart. */
  #command(): string | undefined {
    try {
      return config.safeParse(readJson(path.join(this.#context.home, 'config.json'))).data?.hooks.waiting;
    } catch {
      return undefined;
    }
  }
}

/** What agents say may hold anything; no variable can hold a NUL. */
function withoutNul(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replaceAll('\0', ' ')]),
  );
}

interface Asked {
  kind: 'approval' | 'question';
  variables: Record<string, string>;
}

/** What is open by that id, and nobody was called for yet. */
function askedIn(state: SessionState, id: string): Asked | undefined {
  const session = { SKEIN_SESSION: state.id, SKEIN_SESSION_NAME: state.name };
  const question = Object.hasOwn(state.questions, id) ? state.questions[id] : undefined;
  if (question !== undefined) {
    const { agent, text, called } = question;
    if (called === true) return undefined;
    const SKEIN_AGENT_NAME = agent === null ? '' : (state.agents[agent]?.name ?? '');
    return {
      kind: 'question',
      variables: { ...session, SKEIN_AGENT_NAME, SKEIN_QUESTION: id, SKEIN_TITLE: text },
    };
  }
  const asked = state.approvals[id];
  if (asked === undefined || asked.answered !== null || asked.called === true) return undefined;
  const variables = {
    ...session,
    SKEIN_AGENT_NAME: state.agents[asked.agent]?.name ?? '',
    SKEIN_APPROVAL: asked.approval,
    SKEIN_TOOL: asked.tool ?? asked.kind,
    SKEIN_TITLE: asked.title,
  };
  return { kind: 'approval', variables };
}
