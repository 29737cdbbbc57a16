/** Answers what clients ask about tasks and questions, and what waits for people (see protocol's tasks/asks.ts). */
import { createHash } from 'node:crypto';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { QuestionAnswer, TaskAsks } from '@skein/protocol/tasks/asks';
import { hasEnded, type Task } from '@skein/protocol/tasks/state';
import { meant } from '../actors/meant.ts';
import type { Watching } from '../agents/watching.ts';
import { seenBy } from '../members/since.ts';
import type { Handlers } from '../sessions/ask-call.ts';
import type { Sessions } from '../sessions/service.ts';
import type { Inbox } from './inbox.ts';
import { listedTask, listedTasks } from './listed.ts';

interface TaskAskContext {
  sessions: Sessions;
  inbox: Inbox;
  watching: Watching;
}

export function taskAskHandlers({ sessions, inbox, watching }: TaskAskContext): Handlers<keyof TaskAsks> {
  return {
    async tasks({ since, wait = 0 }, { by, session, aborted }) {
      const told = (state: SessionState) => {
        const tasks = listedTasks(seenBy(state, by));
        return { mark: markOf([state.slots, tasks]), slots: state.slots, tasks };
      };
      const now = told(await sessions.session(session.id));
      if (now.mark !== since || wait === 0) return now;
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(wait)]);
      return told(await sessions.until(session.id, (state) => told(state).mark !== since, limit));
    },
    async task({ task: wanted, wait = 0 }, { by, session, aborted }) {
      const { task: id } = taskMeant(seenBy(await sessions.session(session.id), by), wanted);
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(wait)]);
      const over = ({ tasks }: SessionState) => {
        const one = tasks[id];
        return one === undefined || hasEnded(one);
      };
      const state = await sessions.until(session.id, over, limit);
      const task = taskMeant(seenBy(state, by), id);
      const { text, result } = task;
      return { ...listedTask(state, task), text, result, sessionName: state.name };
    },
    async question({ question: wanted, wait = 0 }, { by, session, aborted }) {
      const { question: id } = questionMeant(seenBy(await sessions.session(session.id), by), wanted);
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(wait)]);
      const settled = ({ questions }: SessionState) => !Object.hasOwn(questions, id);
      return questionMeant(await sessions.until(session.id, settled, limit), id);
    },
    async inbox({ since, wait = 0 }, { by, aborted }) {
      const now = async () => {
        const items = await inbox.items(by);
        return { mark: markOf(items), items };
      };
      const answered = new AbortController();
      const limit = AbortSignal.any([aborted, AbortSignal.timeout(wait), answered.signal]);
      // Who waits for what comes need not be called.
      const left = wait === 0 ? () => {} : watching.waits(by, null);
      try {
        for (;;) {
          const change = inbox.changed(limit);
          // Where it is not waited for, what is wrong is told by what is read now.
          change.catch(() => {});
          const told = await now();
          if (told.mark !== since || wait === 0 || limit.aborted) return told;
          await change;
        }
      } finally {
        answered.abort();
        left();
      }
    },
  };
}

/** The same for the same, and short. */
export function markOf(told: unknown): string {
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 22);
}

/** By its number, its id, or the beginning of that. Throws `not_found` or `ambiguous`. */
export function taskMeant(state: SessionState, wanted: string): Task {
  return oneMeant(Object.values(state.tasks), wanted, ({ task }) => task, 'task', state.name);
}

function questionMeant(state: SessionState, wanted: string): QuestionAnswer {
  return oneMeant(known(state), wanted, ({ question }) => question, 'question', state.name);
}

function known(state: SessionState): QuestionAnswer[] {
  return [...state.settledQuestions, ...Object.values(state.questions)];
}

function oneMeant<T extends { n: number }>(
  all: readonly T[],
  wanted: string,
  idOf: (one: T) => string,
  what: string,
  session: string,
): T {
  const numbered = all.find(({ n }) => String(n) === wanted.replace(/^#/, ''));
  if (numbered !== undefined) return numbered;
  const found = meant(all, wanted, (one) => [idOf(one)]);
  if (!('begun' in found)) return found.only;
  if (found.begun.length > 0)
    throw new SkeinError('ambiguous', `"${wanted}" could be any of: ${found.begun.map(idOf).join(', ')}.`);
  const near = all.slice(-8).map((one) => one.n);
  const some = near.length === 0 ? 'It has none.' : `The latest are ${near.join(', ')}.`;
  throw new SkeinError('not_found', `There is no ${what} "${wanted}" in session "${session}". ${some}`, {
    near,
  });
}
