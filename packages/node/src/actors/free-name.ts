/** Names that are given where nobody has chosen one. Pure. */
import { cutTo } from '@skein/protocol/text/cut';

/**
 * `bash`, `bash-2`, `bash-3` …: the first that is free; what a name may not hold is left out of the wish. Those are taken of which
 * `asRead` is: of names that others have chosen, what they look like.
 */
export function freeName(
  wish: string,
  otherwise: string,
  taken: Pick<ReadonlySet<string>, 'has'>,
  asRead: (name: string) => string = (name) => name,
): string {
  const plain = wish.replace(/^[^\p{L}\p{N}]+/u, '').replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const base = cutTo(plain, 50) || otherwise;
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}-${i}`;
    if (!taken.has(asRead(name))) return name;
  }
}
