/** An ended run, shown from what is kept of it: its last screen and its journal, in the host's own frames (rule H5). */
import path from 'node:path';
import { pack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import { frame, HOST_VERSIONS, HostFrame, hostHello, offsetFrame } from '@skein/protocol/host/frames';
import type { Run } from '@skein/protocol/sessions/state';
import { readFinal } from '../host/final-screen.ts';
import { journalHead, readJournal } from '../host/journal-files.ts';

const READ = 32 * 1024;

/** The frames that a host would have sent, read as they are taken; of the output nothing before `floor` (M3). */
export function* endedFrames(dir: string, run: Run | null, hello: unknown, floor = 0): Generator<Uint8Array> {
  const { view = 'screen', from = 0 } = hostHello({ versions: HOST_VERSIONS, ...(hello as object) }, '');
  const journal = path.join(dir, 'journal');
  const head = journalHead(journal);
  const final = readFinal(dir);
  const size = { cols: final?.cols ?? run?.cols ?? 80, rows: final?.rows ?? run?.rows ?? 24 };
  const host = { id: run?.host ?? '', version: '', pid: 0 };
  yield frame(
    HostFrame.WELCOME,
    pack({ version: HOST_VERSIONS[0], host, run: run?.run ?? '', role: 'read', ...size, accepted: 0, head }),
  );
  if (view === 'screen') {
    const data = new TextEncoder().encode(final?.paint ?? '');
    yield frame(HostFrame.SCREEN, pack({ offset: head, ...size, mode: 'raw', why: 'attach', data }));
  } else {
    const begin = Math.max(from, Math.min(floor, head));
    if (from < begin) yield frame(HostFrame.GAP, pack({ from, to: begin }));
    yield* outputFrames(journal, begin);
  }
  yield frame(HostFrame.EXIT, pack({ code: run?.code ?? null, signal: run?.signal ?? null, offset: head }));
}

function* outputFrames(journal: string, from: number): Generator<Uint8Array> {
  let segment = from;
  for (let offset = from; ; ) {
    const found = readJournal(journal, offset, READ, segment);
    if (found.kind === 'end') {
      if (offset > found.head)
        throw new SkeinError('cursor_past_head', `The output ends at ${found.head}.`, { head: found.head });
      return;
    }
    if (found.kind === 'gap') {
      yield frame(HostFrame.GAP, pack({ from: found.from, to: found.to }));
      offset = found.to;
    } else {
      yield offsetFrame(HostFrame.DATA, found.offset, found.bytes);
      offset += found.bytes.length;
      segment = found.segment;
    }
  }
}
