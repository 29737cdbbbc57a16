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
