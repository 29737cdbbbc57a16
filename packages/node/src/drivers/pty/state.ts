/** What the driver for programs in a terminal keeps besides what all keep. */
import type { StartSpec } from '../driver.ts';
import { type BaseState, baseState } from '../state.ts';
import { type PtySettings, ptySettings } from './options.ts';

/** What a screen says of the program. */
export type Seen = 'ready' | 'working' | 'waiting';

/** What a hook that waits is to print; nothing, so that the program's own question decides. */
export interface HookReply {
  request: string;
  text: string;
}
/** So many are remembered: a hook takes its own within moments, or after the node has come back. */
export const MAX_REPLIES = 128;
/** Reports remembered, so that one that comes twice is taken once. */
export const MAX_HEARD = 256;
/** Ends of the program's own turns remembered, so that what comes late is told from what is new. */
export const MAX_OVER = 16;

export interface PtyState extends BaseState {
  settings: PtySettings;
  /** By the last screen that said anything. */
  seen: Seen | null;
  /** Hash of that screen, and of the one that the last prompt was typed into. */
  shown: number;
  typedInto: number | null;
  /** How often the keys that send the prompt were pressed; and whether it is a command of the program itself. */
  pressed: number;
  command: boolean;
  /** The program has told, or shown, that it does what was typed. */
  taken: boolean;
  /** The program's own name for the turn that runs, and for those that are over. */
  theirs: string | null;
  over: string[];
  replies: HookReply[];
  heard: string[];
  /** Calls that were first heard of by a question, which does not say their names. */
  unnamed: string[];
}

export const PTY_VERSION = 1;

export function initial(spec: StartSpec): PtyState {
  const settings = ptySettings(spec.options?.pty);
  return {
    ...baseState('pty', PTY_VERSION, spec),
    settings,
    seen: null,
    shown: 0,
    typedInto: null,
    pressed: 0,
    command: false,
    taken: false,
    theirs: null,
    over: [],
    replies: [],
    heard: [],
    unnamed: [],
    busy: settings.hooks === null || settings.screen.ready !== undefined,
  };
}

/** What a hook that asked has been answered; undefined while its question is open. */
export function hookReply(state: PtyState, request: string): string | undefined {
  const reply = state.replies.find((one) => one.request === request);
  if (reply !== undefined) return reply.text;
  return state.approvals.some((one) => one.request === request) ? undefined : '';
}
