/**
 * A flood in few pieces. The loop takes one page of it a turn, as that is mostly what the system gives at a time; what else is
 * there already is taken with it, so that a turn's work is done once for several pages.
 */

/** Bytes that the system gives of a terminal's output at a time, unless more of it comes meanwhile. */
const PAGE = 4096;
/** Bytes of one read that tell of a flood. */
const FULL_READ = 2048;
/** Bytes taken in one turn; no more, because they are under way when Ctrl-C comes. */
const MORE = 16 * 1024;

/** `first`, and what follows it; `read` returns how many bytes it has put there, and throws when there are none. */
export function gathered(first: Buffer, read: (into: Buffer, at: number, most: number) => number): Buffer {
  if (first.length < FULL_READ || first.length > MORE - PAGE) return first;
  const bytes = Buffer.allocUnsafeSlow(MORE);
  let size = first.copy(bytes);
  try {
    for (let got = FULL_READ; got >= FULL_READ && size <= MORE - PAGE; size += got)
      got = read(bytes, size, PAGE);
  } catch {
    // Nothing more just now, or never: the loop finds out which.
  }
  return bytes.subarray(0, size);
}
