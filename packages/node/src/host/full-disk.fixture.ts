/** For tests: a disk that takes no output of programs. */
import fs from 'node:fs';
import { vi } from 'vitest';

/** Has the disk take no output until it is told to. */
export function fullDisk(): () => void {
  const full = vi.spyOn(fs, 'writev').mockImplementation(((...all: unknown[]) => {
    const told = all.at(-1) as (error: Error | null, count: number) => void;
    setImmediate(() => told(Object.assign(new Error('no space left'), { code: 'ENOSPC' }), 0));
  }) as never);
  return () => full.mockRestore();
}
