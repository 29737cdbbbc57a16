/** Ends whatever the harness started, by its own handle, also when it is interrupted. */

type Undo = () => void;

const pending = new Set<Undo>();

/** Keeps `undo` for the end, and returns a function that does it now. It must be synchronous. */
export function atEnd(undo: Undo): Undo {
  const once = () => {
    if (!pending.delete(once)) return;
    try {
      undo();
    } catch (error) {
      process.stderr.write(`cleaning up: ${String(error)}\n`);
    }
  };
  pending.add(once);
  return once;
}

/** Ends all, the youngest first. */
export function endAll(): void {
  for (const undo of [...pending].reverse()) undo();
}

export function killQuietly(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone.
  }
}

process.once('exit', endAll);
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(status));
}
