/** A plan while it is made: what was found to be done so far, in the order of its kinds (rule B1). */
import type { Action, Held, Plan, PlanOptions, Sign } from './action.ts';
import { ofProject, type Present, type PresentSession } from './present.ts';
import type { FieldPath } from './problems.ts';
import type { Wanted } from './wanted.ts';

export class Draft {
  readonly wanted: Wanted;
  readonly present: Present;
  readonly options: PlanOptions;
  readonly held: Held[] = [];
  readonly notes: string[] = [];
  readonly conflicts: Plan['conflicts'] = [];
  readonly ends: Action[] = [];
  readonly renames: Extract<Action, { do: 'session.rename' }>[] = [];
  readonly makes: Action[] = [];
  /** What is taken away to be made anew, by the ids of nodes. */
  readonly anew = new Set<string>();
  /** Sessions that are there or were begun, so that agents are added to them. */
  readonly begun = new Set<string>();

  constructor(wanted: Wanted, present: Present, options: PlanOptions) {
    this.wanted = wanted;
    this.present = present;
    this.options = options;
  }

  session(part: string): PresentSession | undefined {
    return ofProject(this.present.sessions, this.wanted.project).find(({ label }) => label?.part === part);
  }

  hold(sign: Sign, what: string, why: string, needs: Held['needs']): void {
    this.held.push({ sign, what, why, needs });
  }

  conflict(field: FieldPath, message: string): void {
    this.conflicts.push({ field, message });
  }
}

export function changedWords(fields: readonly string[]): string {
  return `${fields.join(', ')} ${fields.length === 1 ? 'has' : 'have'} changed`;
}
