/** What a run's screen tells its run, and what it is taken as. */
import type { Answer } from '../terminal/emulator/emulator-messages.ts';
import type { TakenSnapshot } from '../terminal/emulator/emulator-options.ts';

export interface ScreenEvents {
  answers(answers: Answer[]): void;
  frame(viewer: string, offset: number, data: Uint8Array): void;
  progress(): void;
  /** It is set aside: the emulator made no end of its output. */
  unseen(): void;
}

/** As in SnapshotKind, without what is not for people. */
export type Form = 'paint' | 'text' | 'ansi';

export type Painted = Pick<TakenSnapshot, 'offset' | 'cols' | 'rows' | 'data'>;

export type Taken = Painted & { modes: Pick<TakenSnapshot['modes'], 'applicationCursor'> };
