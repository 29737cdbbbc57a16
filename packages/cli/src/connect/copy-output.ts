/** Copies a program's output to stdout; onto a terminal without what would make it answer (rule H7). */
import tty from 'node:tty';
import { TerminalOut } from '../attach/terminal-out.ts';
import { reportError } from '../output/errors.ts';
import { ownerCalled } from '../output/owner.ts';
import { writeAll } from '../output/write.ts';
import { type At, type OutputSource, type OutputWanted, openOutput } from './output-source.ts';

/** Exit status of a program whose reader is gone. */
const BROKEN_PIPE = 141;
/** Why bytes are not to be had: of another machine's, what was before one joined is not told either. */
const GONE = { here: 'are not kept any more', there: 'are not kept any more, or were before you joined' };
/** Milliseconds that the last bytes may take; a reader that stops for good is not waited for longer. */
const DRAIN_MS = 3_600_000;

export async function copyOutput(at: At, wanted: OutputWanted): Promise<void> {
  const out = new TerminalOut(1);
  const filter = await filterFor(1);
  let source: OutputSource | undefined;
  const taken = () => {
    if (out.lostBy?.code === 'EPIPE') process.exit(BROKEN_PIPE);
    if (out.lostBy !== undefined) process.exit(reportError(out.lostBy, false));
    source?.inHand(out.pending);
  };
  out.onTaken = taken;
  source = await openOutput(at, wanted, {
    data: (_, bytes) => {
      out.write(filter(bytes));
      taken();
    },
    gap: (from, to) =>
      writeAll(2, `skein: bytes ${from} to ${to} ${GONE[ownerCalled() === 'you' ? 'here' : 'there']}\n`),
  });
  taken();
  await source.done;
  await out.drained(DRAIN_MS);
}

async function filterFor(fd: number): Promise<(bytes: Uint8Array) => Uint8Array> {
  if (!tty.isatty(fd)) return (bytes) => bytes;
  const { Neutraliser } = await import('@skein/node/terminal/queries/queries');
  const neutraliser = new Neutraliser({ bells: true });
  return (bytes) => neutraliser.push(bytes);
}
