/** What is asked about tasks and questions without changing anything, and what waits for people: bodies (zod) and answers (rules N3, N4). */
import * as z from 'zod';
import type { Question, SettledQuestion } from '../questions/state.ts';
import type { Task, TaskState } from './state.ts';

const ref = z.string().min(1).max(128);
/** Milliseconds to wait at most. */
const wait = z.int().min(0).max(60_000).optional();
/** `mark` of an earlier answer: it is answered as soon as that is another, or the time is over. */
const since = z.string().max(64).optional();

export const taskAsks = {
  tasks: z.object({ ref, since, wait }),
  /** One of a session, by its id, the beginning of that, or its number; with `wait` when it has ended, if that comes in time. */
  task: z.object({ ref, task: z.string().min(1).max(64), wait }),
  /** The same; with `wait` when it is settled. */
  question: z.object({ ref, question: z.string().min(1).max(64), wait }),
  /** What waits for people in all sessions that the one who asks may see. */
  inbox: z.object({ since, wait }),
};

/** A task in a list. */
export interface ListedTask extends Omit<Task, 'text' | 'result' | 'given' | 'life'> {
  state: TaskState;
  /** The beginning of what is wanted. */
  title: string;
  /** Of the agent that has it, had it, or is to have it; null where none is named. */
  agentName: string | null;
  /** Why it is with nobody, where that can be told. */
  held: string | null;
  /** Numbers of what it needs and that has not ended. */
  waitsFor: number[];
  given: number | null;
}

export type TaskAnswer = ListedTask & Pick<Task, 'text' | 'result'> & { sessionName: string };

export type QuestionAnswer = Question | SettledQuestion;

export const INBOX_KINDS = ['approval', 'question', 'task', 'agent', 'conflict', 'landing'] as const;

/** Something that waits for somebody. */
export interface InboxItem {
  kind: (typeof INBOX_KINDS)[number];
  /** Of the approval, question, task, agent, landing; of a conflict its path. */
  id: string;
  session: string;
  sessionName: string;
  agent: string | null;
  agentName: string | null;
  at: number;
  /** What it is about, and more of that. */
  title: string;
  detail: string | null;
  /** Answers to choose from, of a question. */
  options: string[];
  /** Number of a task or a question in its session. */
  n: number | null;
  /** Whether the one who asks may deal with it. */
  yours: boolean;
}

export interface TaskAsks {
  tasks: {
    body: z.infer<typeof taskAsks.tasks>;
    answer: { mark: string; slots: number; tasks: ListedTask[] };
  };
  task: { body: z.infer<typeof taskAsks.task>; answer: TaskAnswer };
  question: { body: z.infer<typeof taskAsks.question>; answer: QuestionAnswer };
  inbox: { body: z.infer<typeof taskAsks.inbox>; answer: { mark: string; items: InboxItem[] } };
}
