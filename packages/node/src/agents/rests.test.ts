/** When the rests of agents are over, whatever becomes of the clock of the day (rule A6). */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KernelApi } from '../kernel/types.ts';
import { Rests } from './rests.ts';

const HOUR_MS = 3_600_000;
const RESTART = { when: 'on-failure' as const, most: 5, delay: 8_000 };

let told: { agent: string; until: number }[];
let answers: Awaited<ReturnType<KernelApi['submit']>>[];
let rests: Rests;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  told = [];
  answers = [];
  rests = new Rests({
    submit: async (_by, { body }) => {
      told.push(body as { agent: string; until: number });
      return answers.shift() ?? { ok: true, value: {} };
    },
  } as Pick<KernelApi, 'submit'>);
});
afterEach(() => {
  rests.stop();
  vi.useRealTimers();
});

const resting = (ms: number, attempt = 1) => ({
  ...{ agent: 'a', until: Date.now() + ms, restart: RESTART, attempt },
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const setClock = (ms: number) => vi.setSystemTime(Date.now() + ms);

test('[A6] it is over when it has lasted as long as it was to, though the clock was set back', async () => {
  const rest = resting(8_000);
  rests.begin('s', rest);
  await pass(1_000);
  setClock(-HOUR_MS);
  await pass(6_990);
  expect(told).toEqual([]);
  await pass(10);
  expect(told).toMatchObject([{ agent: 'a', until: rest.until }]);
});

test('[A6] one that is found with the clock set back lasts no longer than any such rest', async () => {
  rests.begin('s', { ...resting(HOUR_MS), attempt: 2 });
  await pass(15_990);
  expect(told).toEqual([]);
  await pass(10);
  expect(told).toHaveLength(1);
});

test('[A6] it is over within a minute when the clock was set past its end, as after a sleep', async () => {
  rests.begin('s', { ...resting(2 * HOUR_MS), attempt: 20 });
  await pass(1_000);
  setClock(3 * HOUR_MS);
  await pass(60_000);
  expect(told).toHaveLength(1);
});

test('[A6] what the log cannot take is told again; another rest begins anew, and one that was ended tells nothing', async () => {
  answers = [{ ok: false, error: { code: 'storage_unavailable', message: '' } }];
  const rest = resting(8_000);
  rests.begin('s', rest);
  rests.begin('s', rest);
  await pass(8_000);
  await pass(500);
  expect(told).toHaveLength(2);
  const next = resting(16_000, 2);
  rests.begin('s', next);
  await pass(16_000);
  expect(told[2]).toMatchObject({ until: next.until });
  rests.begin('s', resting(32_000, 3));
  rests.end('a');
  await pass(HOUR_MS);
  expect(told).toHaveLength(3);
});
