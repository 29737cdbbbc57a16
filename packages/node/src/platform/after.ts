/** Timers for any time: one of Node's own lasts 24.8 days at most, and is over at once when it is given more. */

/** Milliseconds of a timer of Node's. */
const MOST_MS = 2 ** 31 - 1;

/** Acts once so many milliseconds have passed; keeps no process alive. Returns what stops it. */
export function after(ms: number, act: () => void): () => void {
  let left = ms;
  let timer: NodeJS.Timeout;
  const step = () => {
    const now = Math.min(left, MOST_MS);
    left -= now;
    timer = setTimeout(left > 0 ? step : act, now).unref();
  };
  step();
  return () => clearTimeout(timer);
}
