/**
 * Keeps a program's terminal open as long as the program lives (rule H1): one that sends all it prints elsewhere, as after
 * `exec >log 2>&1 </dev/null`, has let go of it, and what is open nowhere is closed, and hung up on.
 */
import fs from 'node:fs';
import type { IPty } from 'node-pty';

/** Opens it once more, until the program has ended. What its end then closes is closed as ever. */
export function holdOpen(pty: IPty): void {
  // Seen to be so on Linux alone.
  if (process.platform !== 'linux') return;
  let fd: number;
  try {
    // The host leads a session, which must not get this one for its terminal.
    fd = fs.openSync(pty.ptsName, fs.constants.O_RDWR | fs.constants.O_NOCTTY);
  } catch {
    // No descriptor is left: most programs never let go of it.
    return;
  }
  // Asked for by node-pty, and nobody else, when the program has ended: its exit is told behind the terminal's close.
  const { once } = pty;
  pty.once = (event, listener) => {
    pty.once = once;
    once.call(pty, event, listener);
    fs.closeSync(fd);
  };
}
