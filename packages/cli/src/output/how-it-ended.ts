/** How a program ended, in a word: `exit 0`, `SIGKILL`. */

/** Signals whose numbers are the same on Linux and macOS. */
const SIGNALS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

export interface End {
  code?: number | null;
  signal?: number | null;
}

export function howItEnded({ code, signal }: End): string {
  // A signal of 0 is how some systems say that there was none.
  if (signal) return SIGNALS[signal] ?? `signal ${signal}`;
  return `exit ${code ?? 'unknown'}`;
}

/** The exit status with which a shell would tell of it. */
export function statusOf({ code, signal }: End): number {
  return signal ? 128 + signal : (code ?? 1);
}
