/**
 * The surprises that drivers must live through (rule A1): what real agents were seen to do that their protocols do not say,
 * or say otherwise than others do. A row each; each driver says beside it how that looks on its wire (`surprises.fixture.ts`
 * in its folder), or why it cannot happen there. What must come of them is in contract-surprises.test.ts, and of those that
 * are a process's doing in test/agent-surprises.test.ts.
 */
import type { Play } from './play.fixture.ts';

export const SURPRISES = {
  'a refusal, and the turn goes on': 'Claude Code, Codex',
  'a refusal that ends the turn, as if it were done': 'OpenCode',
  'a refusal that cancels the turn': 'codex-acp',
  'permission asked for a call that was never announced': 'Gemini, Qwen Code',
  'news of a call that was never announced': 'Gemini, Qwen Code',
  'requests that were never offered': 'OpenCode, Qwen Code',
  'news outside of the specification': 'Claude Code, codex-acp',
  'a question taken back': 'codex-acp',
  'a turn that nobody asked for': 'Claude Code',
  'words after the end of the turn': 'several',
  'the past, told as if it were new': 'all that load sessions',
  'the past, told when it was said to be over': 'several',
  'a call whose input changes until it is final': 'several',
} as const;

/** What is a process's doing, and the same in every protocol. */
export const PROCESS_SURPRISES = {
  'its input closes, and it does not exit': 'several',
  'it leaves a daemon that holds its pipes': 'Codex',
} as const;

export type Surprise = keyof typeof SURPRISES;

/** Lines that the agent prints; those of an agent in a terminal may be screens (see its fake). */
export type Lines = (play: Play) => string[];

interface Refusal {
  /** Asks about the call c1. */
  asks: Lines;
  /** What follows on a no. */
  after: Lines;
}

/** What each surprise is made of. The agent's turn runs, and hangs, when its lines are printed. */
interface Made {
  'a refusal, and the turn goes on': Refusal;
  'a refusal that ends the turn, as if it were done': Refusal;
  'a refusal that cancels the turn': Refusal;
  'permission asked for a call that was never announced': { asks: Lines; after: Lines };
  /** Tells of the call c1 until it is done, and ends the turn. */
  'news of a call that was never announced': { tells: Lines };
  /** Each of its lines is a request, to be answered with an error that says so; `ends` ends the turn. */
  'requests that were never offered': { asks: Lines; refused: (answer: unknown) => boolean; ends: Lines };
  /** None of its lines needs an answer. */
  'news outside of the specification': { tells: Lines; ends: Lines };
  'a question taken back': { asks: Lines; takes: Lines; ends: Lines };
  /** The agent's turn ends, then it has another one of its own. */
  'a turn that nobody asked for': { ends: Lines; tells: Lines };
  /** `after` says LATE. */
  'words after the end of the turn': { ends: Lines; after: Lines };
  /** Told by the fake agents themselves, where they have a `history`. */
  'the past, told as if it were new': true;
  /** `tells` says LATE, once its session has begun. */
  'the past, told when it was said to be over': { tells: Lines };
  /** Tells of c1 with inputs that are other ones each time, the last of which is of FINAL; then it is done, and the turn. */
  'a call whose input changes until it is final': { tells: Lines; asks: Lines; after: Lines };
}

/** Why it cannot happen in this protocol. */
export interface Never {
  never: string;
}

export type Surprises = { [K in Surprise]: Made[K] | Never };

export const LATE = 'By the way';
export const FINAL = '/w/final.txt';

export const lines = (...messages: object[]): string[] => messages.map((one) => JSON.stringify(one));
