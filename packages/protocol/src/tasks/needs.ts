/** The rows of tasks and questions in the table of roles (rules M2, N3, N4). */
import type { Role } from '../members/roles.ts';
import type { QuestionCommands } from '../questions/commands.ts';
import type { QuestionEvents } from '../questions/events.ts';
import type { TaskAsks } from './asks.ts';
import type { TaskCommands } from './commands.ts';
import type { TaskEvents } from './events.ts';

/** Whether an agent may be started for a task, and a check be run, is looked at besides. */
export const TASK_COMMAND_NEEDS: Record<keyof TaskCommands | keyof QuestionCommands, Role> = {
  'task.add': 'operator',
  'task.cancel': 'operator',
  'task.retry': 'operator',
  'task.slots': 'operator',
  'task.report': 'operator',
  'question.ask': 'operator',
  'question.answer': 'approver',
  'question.withdraw': 'operator',
};

export const TASK_ASK_NEEDS: Record<keyof TaskAsks, Role> = {
  tasks: 'viewer',
  task: 'viewer',
  question: 'viewer',
  inbox: 'viewer',
};

export const TASK_EVENT_NEEDS: Record<keyof TaskEvents | keyof QuestionEvents, Role> = {
  'task.added': 'viewer',
  'task.slots': 'viewer',
  'task.given': 'viewer',
  'task.reported': 'viewer',
  'task.checking': 'viewer',
  'task.retrying': 'viewer',
  'task.ended': 'viewer',
  'task.again': 'viewer',
  'question.asked': 'viewer',
  'question.answered': 'viewer',
  'question.withdrawn': 'viewer',
  'question.called': 'viewer',
};
