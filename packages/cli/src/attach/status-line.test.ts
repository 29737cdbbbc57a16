/** The line that says that the connection is cut. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { columns } from '../chat/model/width.ts';
import { StatusLine } from './status-line.ts';
import type { UserTerminal } from './user-terminal.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each(['api', '名前'.repeat(30), 'ｗｉｄｅ'])(
  '[M4] it is exactly as wide as the terminal: more would scroll the screen (%s)',
  (name) => {
    const written: string[] = [];
    const out = { pending: 0, write: (bytes: Uint8Array) => written.push(Buffer.from(bytes).toString()) };
    const status = new StatusLine(
      { out, size: { cols: 79, rows: 24 } } as unknown as UserTerminal,
      name,
      'C-q',
    );
    status.cut(0);
    vi.runOnlyPendingTimers();
    status.mended();
    const text = /\x1b\[0;7m(.*)\x1b\[0m/.exec(written.join(''))?.[1] ?? '';
    expect(columns(text)).toBe(79);
    expect(text).toContain(name.slice(0, 2));
  },
);
