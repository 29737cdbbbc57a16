import type { Listed } from '@skein/protocol/sessions/node-state';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DRIVER, Typists } from './typists.ts';

const RUN = 'bbbbbbbbbbbb';
let recorded: string[];
let typists: Typists;
const session = { id: 'aaaaaaaaaaaa', run: RUN, devices: { 'device-1': {} } } as unknown as Listed;

beforeEach(() => {
  vi.useFakeTimers();
  recorded = [];
  const submit = async (_: unknown, { body }: { body: unknown }) => {
    recorded.push((body as { who: string }).who);
  };
  typists = new Typists({ submit } as never, { sessions: () => [session] });
});
afterEach(() => vi.useRealTimers());

/** As hosts of an earlier release tell it: the last alone. */
const told = (...whos: string[]) => {
  for (const who of whos) typists.told(RUN, { who, offset: 1 });
};

test('[M3] who took turns within a second is each recorded, in the order of their last typing', () => {
  told('a', 'b', 'c', 'b', 'b', 'a');
  expect(recorded).toEqual(['a']);
  vi.advanceTimersByTime(1_000);
  expect(recorded).toEqual(['a', 'c', 'b', 'a']);
  told('a');
  vi.advanceTimersByTime(5_000);
  expect(recorded).toHaveLength(4);
});

test('[M3] who typed last is recorded before the program is forgotten', () => {
  told('a', 'b');
  typists.forget(RUN);
  expect(recorded).toEqual(['a', 'b']);
  vi.advanceTimersByTime(5_000);
  typists.forget(RUN);
  expect(recorded).toEqual(['a', 'b']);
});

test('[M3] what a host tells of twice is recorded once, and what a driver types is not', () => {
  const since = ['a', 'b', DRIVER, 'c'].map((who, i) => ({ who, offset: i, n: i + 1 }));
  const last = { who: 'c', offset: 3 };
  typists.told(RUN, last, since);
  expect(recorded).toEqual(['a', 'b', 'c']);
  typists.told(RUN, last, since);
  typists.told(RUN, { who: 'a', offset: 4 }, [...since, { who: 'a', offset: 4, n: 5 }]);
  vi.advanceTimersByTime(1_000);
  expect(recorded).toEqual(['a', 'b', 'c', 'a']);
});

test('[M3] of very many within a second the last are recorded', () => {
  told(...Array.from({ length: 1_000 }, (_, i) => `who ${i}`));
  typists.stop();
  expect(recorded).toHaveLength(33);
  expect(recorded.at(-1)).toBe('who 999');
});
