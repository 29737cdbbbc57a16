/** Runs one side of a comparison so that its failure becomes a note in the row, and the other side is still told. */
import type { Contestant, MaybeContestant } from './contestant.ts';

export class Side {
  readonly name: string;
  readonly use: Contestant | undefined;
  note: string | undefined;

  constructor(name: string, found: MaybeContestant) {
    this.name = name;
    this.use = found.use;
    this.note = found.missing;
  }

  /** False once anything of this side has failed. */
  get works(): boolean {
    return this.use !== undefined && this.note === undefined;
  }

  /** Does `work` if this side still works. */
  async attempt<T>(work: (contestant: Contestant) => Promise<T>): Promise<T | undefined> {
    if (this.use === undefined || this.note !== undefined) return undefined;
    try {
      return await work(this.use);
    } catch (error) {
      this.note = `${this.name}: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    }
  }

  stop(): void {
    this.use?.stop();
  }
}
