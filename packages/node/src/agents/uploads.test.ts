/** What is handed over for a prompt is there as long as its command may come, and no longer (rule C2). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Uploads } from './uploads.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('[C2] it is kept for minutes; once used, until the command cannot come again; and goes by itself', () => {
  const uploads = new Uploads();
  const add = (handle?: string) => uploads.add('s', handle, new Uint8Array([65, 66])).handle;
  const facts = (...handles: string[]) => {
    const parts = handles.map((upload) => ({ type: 'text', upload }));
    return uploads.factsFor({
      id: { client: 'c', seq: 1 },
      target: 'session/s',
      type: 'prompt.queue',
      body: { parts },
    })?.uploads;
  };
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
