/** What a viewer may say to its host, understood and checked (rules C5, M3). */
import { unpackFrame } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { HostFrame, readOffset, viewerResize } from '@skein/protocol/host/frames';

type Said =
  | { type: 'input'; offset: number; bytes: Uint8Array }
  | { type: 'consumed' | 'kept' | 'end'; offset: number }
  | { type: 'resize'; cols: number; rows: number }
  | { type: 'take' | 'release' };

/** Frames that only one who may type sends, with what else they are called. */
const WRITERS: Record<number, string> = {
  [HostFrame.INPUT]: 'type',
  [HostFrame.KEPT]: 'forget',
  [HostFrame.END_INPUT]: 'type',
  [HostFrame.TAKE]: 'type',
};

/** Undefined for what a later viewer may say and this host does not know. Throws `bad_frame`, `not_allowed`. */
export function understand(type: number, payload: Uint8Array, role: 'read' | 'write'): Said | undefined {
  const act = WRITERS[type];
  if (act !== undefined && role !== 'write')
    throw new SkeinError('not_allowed', `This viewer may read, not ${act}.`);
  switch (type) {
    case HostFrame.INPUT:
      return { type: 'input', ...placed(payload, 'An INPUT') };
    case HostFrame.CONSUMED:
      return { type: 'consumed', offset: placed(payload, 'A CONSUMED').offset };
    case HostFrame.KEPT:
      return { type: 'kept', offset: placed(payload, 'A KEPT').offset };
    case HostFrame.END_INPUT:
      return { type: 'end', offset: placed(payload, 'An END_INPUT').offset };
    case HostFrame.RESIZE:
      return { type: 'resize', ...viewerResize(unpackFrame(payload), '') };
    case HostFrame.TAKE:
      return { type: 'take' };
    case HostFrame.RELEASE:
      return { type: 'release' };
    default:
      return undefined;
  }
}

function placed(payload: Uint8Array, what: string): { offset: number; bytes: Uint8Array } {
  const found = readOffset(payload);
  if (found === undefined) throw new SkeinError('bad_frame', `${what} frame begins with an offset.`);
  return found;
}
