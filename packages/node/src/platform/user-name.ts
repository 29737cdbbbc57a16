/** What the machine's user is called. */
import os from 'node:os';

/** Of one whom the system has no name for, as a container may run anybody, the number. */
export function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `user-${process.getuid?.() ?? 'unknown'}`;
  }
}
