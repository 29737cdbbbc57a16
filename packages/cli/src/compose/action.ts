/** What is to be done about a compose file, and what is told of it (rules B1, B3). */
import type { Role } from '@skein/protocol/members/roles';
import type { FieldPath } from './problems.ts';

export type Sign = '+' | '~' | '-';

/** `what` names the thing, `why` says what is done or why it is. */
interface Shown {
  sign: Sign;
  what: string;
  why: string;
}

export type Action = Shown &
  (
    | { do: 'workspace.make' | 'workspace.await'; part: string }
    | { do: 'workspace.remove'; part: string; id: string }
    | { do: 'session.make'; part: string; agent: string | null }
    | { do: 'session.rename'; part: string; id: string; name: string }
    | { do: 'session.remove' | 'session.stop'; part: string; id: string }
    | { do: 'agent.add' | 'agent.prompt'; part: string; agent: string }
    | {
        do: 'agent.restart' | 'agent.remove' | 'agent.stop';
        part: string;
        agent: string;
        session: string;
        id: string;
      }
    | { do: 'agent.choose'; part: string; agent: string; choice: 'mode' | 'model'; value: string }
    | { do: 'member.role'; part: string; session: string; member: string; role: Role }
    | { do: 'machine.add'; part: string; locator: string }
    | { do: 'task.add'; part: string; task: string }
    | { do: 'task.slots'; part: string; slots: number }
    | { do: 'policy.write'; part: string; text: string }
    | { do: 'policy.remove'; part: string }
  );

/** A difference that is not mended unless it is asked for, or by somebody else. */
export type Held = Shown & { needs: 'restart' | 'prune' | 'you' };

export interface Plan {
  actions: Action[];
  held: Held[];
  /** What is no difference, but good to know. */
  notes: string[];
  /** What the file wants and cannot have. */
  conflicts: { field: FieldPath; message: string }[];
}

export interface PlanOptions {
  restart: boolean;
  prune: boolean;
}
