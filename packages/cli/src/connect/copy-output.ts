/** Copies a program's output to stdout; onto a terminal without what would make it answer (rule H7). */
import tty from 'node:tty';
import { LongOutput } from '../output/long-output.ts';
import { ownerCalled } from '../output/owner.ts';
import { writeAll } from '../output/write.ts';
import { type At, type OutputSource, type OutputWanted, openOutput } from './output-source.ts';

/** Why bytes are not to be had: of another machine's, what was before one joined is not told either. */
const GONE = { here: 'are not kept any more', there: 'are not kept any more, or were before you joined' };

export async function copyOutput(at: At, wanted: OutputWanted): Promise<void> {
  const out = new LongOutput();
  const filter = await filterFor(1);
  let source: OutputSource | undefined;
  const taken = () => source?.inHand(out.pending);
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
  await out.end();
}

async function filterFor(fd: number): Promise<(bytes: Uint8Array) => Uint8Array> {
  if (!tty.isatty(fd)) return (bytes) => bytes;
  const { Neutraliser } = await import('@skein/node/terminal/queries/queries');
  const neutraliser = new Neutraliser({ bells: true });
  return (bytes) => neutraliser.push(bytes);
}
