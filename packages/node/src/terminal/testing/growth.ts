/** Whether work grows no faster than its size, by times that are compared within one run: no clock is trusted by itself. */

/** Bytes: each size is four times the one before, so that what is quadratic is found before it takes minutes. */
const SIZES = [256, 1024, 4096, 16_384, 65_536];

/** How much longer work four times as large may take: 4 when it is linear, 16 when it is quadratic. */
const MOST = 8;

/** Milliseconds that a tidied heap, a compiler or another process may cost one measure. */
const NOISE = 15;

/** Pairs of measures, of which one must be in proportion: a busy machine now and then stops whoever is measured. */
const TRIES = 8;

/**
 * The first size at which `work` takes out of proportion longer than at the one before, a quarter of it; undefined when there
 * is none. The work begins anew each time.
 */
export function outgrows(work: (size: number) => void, sizes: readonly number[] = SIZES): number | undefined {
  let quarter = sizes[0];
  let before = Infinity;
  for (const size of sizes) {
    let now = timeOf(work, size);
    for (let i = 1; now > MOST * before + NOISE; i++) {
      if (i === TRIES) return size;
      before = timeOf(work, quarter ?? size);
      now = timeOf(work, size);
    }
    before = now;
    quarter = size;
  }
  return undefined;
}

function timeOf(work: (size: number) => void, size: number): number {
  const begun = performance.now();
  work(size);
  return performance.now() - begun;
}

/** A beginning, `size` bytes of a pattern that repeats, and an end. */
export function repeated(begin: Uint8Array, pattern: Uint8Array, size: number, end: Uint8Array): Buffer {
  return Buffer.concat([begin, Buffer.alloc(size, pattern), end]);
}
