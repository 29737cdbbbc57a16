/** What the driver for ACP keeps besides what all keep. */
import type { Choice } from '@skein/protocol/agents/events';
import { cut } from '../bounds.ts';
import type { FileWanted, StartSpec } from '../driver.ts';
import { type BaseState, baseState } from '../state.ts';

export const ACP_VERSION = 1;

/** Something to choose from, and how it is chosen: by an option of this id, or by a method of its own. */
export interface Chooser {
  option: string | null;
  current: string;
  list: Choice[];
}

export interface AcpState extends BaseState {
  resume: { session: string; history: 'tell' | 'known' } | null;
  want: { mode: string | null; model: string | null };
  images: boolean;
  name: { name: string; version: string } | null;
  resumes: boolean;
  modes: Chooser | null;
  models: Chooser | null;
  /** A loaded session's past is being told, or may be: until the first prompt. */
  replaying: boolean;
  /** Of the session so far, and when the turn began: null of one that is gone on with until it is known what it had cost. */
  cost: number | null;
  costBefore: number | null;
  /** What it has asked the node to read and write; absent where it was not told that it can. */
  files?: OpenFile[];
  /** How many it has asked for. */
  filed?: number;
  /** The script of its MCP server with Skein's tools. */
  tools?: string;
  /** A file that is not there is empty: it looks for itself whether there is one, and takes any error for a failure. */
  missing?: 'empty';
}

export type OpenFile = FileWanted & { request: string | number };

export function initial(spec: StartSpec): AcpState {
  const { resume, mode, model } = spec;
  const cost = resume === undefined ? 0 : (resume.cost ?? null);
  return {
    ...baseState('acp', ACP_VERSION, spec),
    resume: resume === undefined ? null : { session: cut(resume.session, 256), history: resume.history },
    want: { mode: mode ?? null, model: model ?? null },
    images: false,
    name: null,
    resumes: false,
    modes: null,
    models: null,
    replaying: false,
    cost,
    costBefore: cost,
    ...(spec.options?.missing === 'empty' ? { missing: 'empty' } : {}),
    ...(spec.files === true ? { files: [], filed: 0 } : {}),
    ...(spec.tools === undefined ? {} : { tools: spec.tools }),
  };
}
