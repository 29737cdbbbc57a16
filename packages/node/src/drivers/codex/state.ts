/** What the driver for Codex keeps besides what all keep. */
import type { Choice } from '@skein/protocol/agents/events';
import { cut } from '../bounds.ts';
import type { StartSpec } from '../driver.ts';
import { type BaseState, baseState } from '../state.ts';
import * as wire from './wire.ts';

export const CODEX_VERSION = 1;
/** Items remembered as told piece by piece, so that their whole is not told again. */
export const MAX_TOLD = 64;

export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  thought: number;
}

export interface CodexState extends BaseState {
  resume: { session: string; history: 'tell' | 'known' } | null;
  approvalPolicy: wire.Options['approvalPolicy'] | null;
  sandbox: wire.Options['sandbox'] | null;
  /** It is to ask before every change. */
  asks?: boolean;
  mode: string | null;
  model: string | null;
  models: Choice[];
  agent: string | null;
  /** Codex's own id of the turn that runs, as soon as it is known. */
  running: string | null;
  /** The running turn was asked to stop. */
  interrupted: boolean;
  told: string[];
  /** Of the thread so far, and when the turn began. */
  used: Tokens;
  usedBefore: Tokens;
}

export function initial(spec: StartSpec): CodexState {
  const { resume, mode, model } = spec;
  const { approvalPolicy, sandbox } = wire.options.parse(spec.options ?? {});
  const nothing = { input: 0, output: 0, cacheRead: 0, thought: 0 };
  return {
    ...baseState('codex', CODEX_VERSION, spec),
    resume: resume === undefined ? null : { session: cut(resume.session, 256), history: resume.history },
    approvalPolicy: approvalPolicy ?? null,
    sandbox: sandbox ?? null,
    ...(spec.asks === true ? { asks: true } : {}),
    mode: mode === undefined ? null : cut(mode, 256),
    model: model === undefined ? null : cut(model, 256),
    models: [],
    agent: null,
    running: null,
    interrupted: false,
    told: [],
    used: nothing,
    usedBefore: nothing,
  };
}
