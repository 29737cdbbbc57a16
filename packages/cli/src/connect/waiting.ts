/** Says on a terminal what is being waited for, when that takes long enough to be wondered about. */

/** Milliseconds before it is told. */
const WONDER_MS = 1_000;

/** On stderr, and taken away at the end. */
export async function waiting<T>(what: string, found: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return found;
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    process.stderr.write(`${what}…`);
  }, WONDER_MS);
  try {
    return await found;
  } finally {
    clearTimeout(timer);
    if (told) process.stderr.write('\r\x1b[K');
  }
}
