/** Whether a file descriptor is a terminal, told without loading node:tty in the cases that need no look. */
import { fstatSync, statSync } from 'node:fs';

export function isTerminal(fd: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isCharacterDevice()) return false;
  // The other character device that programs are given; node:tty costs as much as all of node:net.
  if (stat.rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev) return false;
  return process.getBuiltinModule('node:tty').isatty(fd);
}
