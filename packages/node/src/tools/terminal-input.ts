/** Types into a session's terminal for a tool: the host takes each byte once, however often it is typed again (rule H3). */
import net from 'node:net';
import { pack, unpack } from '@skein/protocol/codec';
import { type ErrorBody, SkeinError } from '@skein/protocol/errors';
import {
  FrameReader,
  frame,
  HOST_VERSIONS,
  HostFrame,
  offsetFrame,
  readOffset,
} from '@skein/protocol/host/frames';
import type { HostPool } from '../hosts/pool.ts';
import { checkTerminal } from '../sessions/moments.ts';
import { grantRight } from '../sessions/rights.ts';
import type { Sessions } from '../sessions/service.ts';

/** Milliseconds for a host to take what is typed; a program that reads nothing is not waited for longer. */
const TAKE_MS = 10_000;

/** `who` types, as hosts name whoever does; `attachment` names this input: what the host has of it already is not typed again. */
export async function terminalInput(
  { sessions, hosts }: { sessions: Sessions; hosts: HostPool },
  session: string,
  who: string,
  bytes: Uint8Array,
  attachment: string,
  aborted: AbortSignal,
): Promise<void> {
  const state = await sessions.session(session);
  checkTerminal(state);
  const { run, name } = state;
  if (run?.state !== 'running' || run.host === undefined)
    throw new SkeinError('not_running', `No program runs in the terminal of session "${name}".`);
  const wanted = { run: run.run, host: run.host, role: 'write' as const, who, floor: 0 };
  const { socket: path, token } = await grantRight(hosts, wanted);
  const limit = AbortSignal.any([aborted, AbortSignal.timeout(TAKE_MS)]);
  await new Promise<void>((resolve, reject) => {
    const socket = net.connect(path);
    const end = (error?: SkeinError) => {
      limit.removeEventListener('abort', late);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const late = () =>
      end(new SkeinError('timeout', 'The terminal takes nothing now: its program does not read.'));
    limit.addEventListener('abort', late);
    // Past its end there is no output to be sent, and no screen to be painted.
    const hello = {
      versions: HOST_VERSIONS,
      token,
      view: 'bytes',
      from: Number.MAX_SAFE_INTEGER,
      attachment,
    };
    socket.write(frame(HostFrame.HELLO, pack(hello)));
    const reader = new FrameReader();
    const gone = () => end(new SkeinError('not_running', 'The program ended before it had read everything.'));
    socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk, (type, payload) => {
          if (type === HostFrame.WELCOME) {
            const { accepted } = unpack(payload) as { accepted: number };
            if (accepted >= bytes.length) end();
            else socket.write(offsetFrame(HostFrame.INPUT, accepted, bytes.subarray(accepted)));
          } else if (type === HostFrame.ACCEPTED && (readOffset(payload)?.offset ?? 0) >= bytes.length) end();
          else if (type === HostFrame.EXIT) gone();
          else if (type === HostFrame.ERROR) end(SkeinError.fromBody(unpack(payload) as ErrorBody));
        });
      } catch (error) {
        end(SkeinError.from(error));
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => end(new SkeinError('host_lost', "The session's host hung up.")));
  });
}
