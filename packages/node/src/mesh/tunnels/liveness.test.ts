/** When a link is asked, suspected and given up, beat by beat. */
import { DEAD_MS, PING_MS } from '@skein/protocol/limits';
import { expect, test } from 'vitest';
import { BEAT_MS, Liveness } from './liveness.ts';

/** Beats for so many milliseconds; what it said, and when, in milliseconds. */
function beats(life: Liveness, ms: number, answers: boolean): string[] {
  const said: string[] = [];
  for (let at = BEAT_MS; at <= ms; at += BEAT_MS) {
    const verdict = life.beat();
    if (verdict !== 'well') said.push(`${verdict} ${at}`);
    if (verdict === 'ask') {
      life.asked();
      if (answers) life.heard();
    }
  }
  return said;
}

test('[C4] an idle link is asked every three seconds', () => {
  const life = new Liveness();
  expect(beats(life, 3 * PING_MS, true)).toEqual(['ask 3000', 'ask 6000', 'ask 9000']);
  expect(life.suspect).toBe(false);
});

test('[C4] a silent one is given up after nine', () => {
  const life = new Liveness();
  expect(beats(life, 10_000, false).find((said) => said.startsWith('dead'))).toBe(`dead ${DEAD_MS}`);
});

test('[C4] one that was sent something is asked within half a second, and suspected a second later', () => {
  const life = new Liveness();
  life.heard();
  life.sent();
  expect(beats(life, 500, false)).toEqual(['ask 500']);
  beats(life, 750, false);
  expect(life.suspect).toBe(false);
  beats(life, 250, false);
  expect(life.suspect).toBe(true);
  life.heard();
  expect(life.suspect).toBe(false);
});

test('[C4] a slow link is given three round trips', () => {
  const life = new Liveness();
  life.measured(1_000);
  life.heard();
  life.sent();
  beats(life, 3_250, false);
  expect(life.suspect).toBe(false);
  beats(life, 250, false);
  expect(life.suspect).toBe(true);
});

test('[C4] while it is suspected it is asked every second', () => {
  const life = new Liveness();
  life.sent();
  expect(beats(life, 4_500, false)).toEqual(['ask 500', 'ask 2500', 'ask 3500', 'ask 4500']);
});
