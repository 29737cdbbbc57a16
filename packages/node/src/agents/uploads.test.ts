/** What is handed over for a prompt is there as long as its command may come, and no longer (rule C2). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Uploads } from './uploads.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('[C2] it is kept for minutes; once asked for, until the command cannot come again; once used, no longer', () => {
  const uploads = new Uploads();
  const add = (handle?: string) => uploads.add('s', handle, new Uint8Array([65, 66])).handle;
  const naming = (handles: readonly string[], session = 's') => ({
    id: { client: 'c', seq: 1 },
    target: `session/${session}`,
    type: 'prompt.queue',
    body: { parts: handles.map((upload) => ({ type: 'text', upload })) },
  });
  const facts = (...handles: string[]) => uploads.factsFor(naming(handles))?.uploads;
  const [first, second] = [add(), add()];
  uploads.used(naming([first], 'other'));
  uploads.used(naming([second]));
  expect(facts(first, second)).toEqual({ [first]: 'AB' });
  const [used, unused] = [add(), add()];
  add(used);
  expect(facts(used)).toEqual({ [used]: 'ABAB' });
  vi.advanceTimersByTime(20_000);
  expect(facts(used)).toEqual({ [used]: 'ABAB' });
  vi.advanceTimersByTime(60_000);
  expect(facts(used, unused)).toEqual({ [unused]: 'AB' });
  vi.advanceTimersByTime(5 * 60_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(facts(unused)).toEqual({});
});

test('[C2] of a session, and of all, as many are kept as there is room for, in number and in bytes', () => {
  const uploads = new Uploads();
  const full = expect.objectContaining({ code: 'mailbox_full' });
  const add = (session: string, bytes = 1, handle?: string) =>
    uploads.add(session, handle, new Uint8Array(bytes)).handle;
  const naming = (upload: string) => ({
    ...{ id: { client: 'c', seq: 1 }, target: 'session/s0', type: 'prompt.queue' },
    body: { parts: [{ type: 'text', upload }] },
  });
  const [first = ''] = Array.from({ length: 64 }, () => add('s0'));
  expect(() => add('s0', 0)).toThrow(full);
  // What is there may still grow.
  expect(add('s0', 1, first)).toBe(first);
  uploads.used(naming(first));
  add('s0');
  for (let i = 64; i < 512; i++) add(`s${i >> 6}`);
  expect(() => add('s8')).toThrow(full);
  vi.advanceTimersByTime(6 * 60_000);
  const most = 8 * 1024 * 1024;
  const large = Array.from({ length: 8 }, () => add('s0', most));
  expect(() => add('s1')).toThrow(full);
  uploads.used(naming(large[0] ?? ''));
  add('s1', most);
  expect(() => add('s1')).toThrow(full);
  uploads.stop();
  add('s1');
  uploads.stop();
});

test('[C2] what is kept stays its time, though the clock of the day is set on an hour', () => {
  const uploads = new Uploads();
  const { handle } = uploads.add('s', undefined, new Uint8Array(3));
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(uploads.add('s', handle, new Uint8Array(4))).toEqual({ handle, size: 7 });
  uploads.stop();
});
