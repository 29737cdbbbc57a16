/** Who answers a query: never nobody, and never two (rule H7). */
import { expect, test } from 'vitest';
import { Answering } from './answering.ts';

test('[H7] the emulator answers what no terminal was sent', () => {
  const answering = new Answering(() => 0);
  expect(answering.isEmulators(5)).toBe(true);
  // Painted at 10: what was printed before was in nobody's terminal but the emulator's.
  answering.by(true, 10);
  expect(answering.isEmulators(10)).toBe(true);
  expect(answering.isEmulators(11)).toBe(false);
  // It was sent up to 20, and is to be painted anew.
  answering.by(false, 20);
  expect(answering.isEmulators(20)).toBe(false);
  expect(answering.isEmulators(24)).toBe(true);
  answering.by(true, 30);
  answering.by(true, 40);
  expect(answering.isEmulators(30)).toBe(true);
  expect(answering.isEmulators(35)).toBe(false);
});

test('[H7] a terminal that has to be painted anew before it was sent all is taken at its word', () => {
  const answering = new Answering(() => 0);
  answering.by(true, 100);
  answering.by(false, 50);
  expect(answering.isEmulators(70)).toBe(true);
  expect(answering.isEmulators(120)).toBe(true);
});

test('[H7] turns are forgotten once the emulator is past them, though nobody ever asks anything', () => {
  let consumed = 0;
  const answering = new Answering(() => consumed);
  for (let offset = 1; offset <= 10_000; offset++) {
    consumed = offset - 5;
    answering.by(offset % 2 === 1, offset);
  }
  expect(answering.turns).toBeLessThan(10);
  // 9,999 was the last that a terminal was sent, and 10,000 the first that it was not.
  expect(answering.isEmulators(9_996)).toBe(false);
  expect(answering.isEmulators(9_997)).toBe(true);
  expect(answering.isEmulators(10_000)).toBe(false);
  expect(answering.isEmulators(10_001)).toBe(true);
});

test('[H6] a size is told whoever answers, and once, though an emulator that begins anew meets it again', () => {
  const answering = new Answering(() => 0);
  answering.by(true, 0);
  const size = (offset: number, text: string) => ({ offset, text, unasked: true as const });
  const first = [size(5, 'a'), { offset: 6, text: 'of a terminal' }, size(6, 'b'), size(6, 'c')];
  expect(answering.emulators(first, 0)).toBe('abc');
  expect(answering.emulators([size(5, 'a'), size(6, 'c')], 0)).toBe('');
  expect(answering.emulators([size(6, 'a'), size(7, 'a')], 0)).toBe('aa');
});
