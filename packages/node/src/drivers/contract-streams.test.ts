import { pack, unpack } from '@skein/protocol/codec';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Input, restore } from './driver.ts';
import { recut, replay, SPEC } from './play.fixture.ts';
import { ALL_SUBJECTS, begin, converse, same, WRITE, wild } from './subjects.fixture.ts';

describe.each(ALL_SUBJECTS)('the driver $driver.name', (subject) => {
  const { driver } = subject;

  test('[A2] streams cut at every byte give the same events, writes and state', () => {
    const play = converse(subject);
    for (const size of [1, 2, 3]) same(play, replay(driver, play.spec, recut(play.inputs, [size])));
  });

  test('[A2] cut and grouped in any way, and restarted anywhere, it is the same', () => {
    const play = converse(subject);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 5 }),
        (sizes, store) => same(play, replay(driver, play.spec, recut(play.inputs, sizes), store)),
      ),
      { numRuns: 60 },
    );
  });

  test('[A2] a step given the same bytes again, after a crash before its commit, gives the same', () => {
    const play = converse(subject);
    let { state } = driver.start(play.spec);
    for (const input of play.inputs) {
      const once = driver.step(state, input);
      expect(driver.step(unpack(pack(state)) as typeof state, input)).toEqual(once);
      state = once.state;
    }
  });

  test('[A2] bytes behind the committed offset change nothing; missing ones are an error', () => {
    const play = converse(subject);
    const { consumed } = play.state;
    const again = { type: 'output', offset: consumed - 5, bytes: new Uint8Array(5).fill(10) } as const;
    expect(driver.step(play.state, again)).toEqual({ state: play.state, events: [], writes: [] });
    const gap: Input = { type: 'output', offset: consumed + 1, bytes: new Uint8Array(1) };
    expect(() => driver.step(play.state, gap)).toThrowError(expect.objectContaining({ code: 'output_gap' }));
  });

  test('[A2] writes say where they stand, without a hole', () => {
    let at = 0;
    for (const { offset, bytes } of converse(subject).writes) {
      expect(offset).toBe(at);
      at += bytes.length;
    }
  });

  test("[A2] a state of another driver's, or of a later version, is refused", () => {
    const { state } = driver.start(SPEC);
    expect(restore(driver, unpack(pack(state)))).toMatchObject({ driver: driver.name, run: 'run' });
    for (const strange of [null, {}, { ...state, version: driver.version + 1 }, { ...state, driver: 'x' }])
      expect(() => restore(driver, strange)).toThrowError(
        expect.objectContaining({ code: 'driver_mismatch' }),
      );
  });

  test('[A2] any JSON at all, at any time, is lived through', () => {
    const sane = begin(subject, [[{ ...WRITE, ask: true }]]);
    sane.prompt('p1');
    fc.assert(
      fc.property(fc.array(wild(sane), { maxLength: 8 }), (lines) => {
        const play = begin(subject, [[{ ...WRITE, ask: true }]]);
        play.prompt('p1');
        play.alone().print(...lines);
        play.give({ type: 'exit', code: 0, signal: null });
        expect(play.of('turn.ended').length).toBeGreaterThanOrEqual(1);
        expect(pack(play.state).length).toBeLessThan(64 * 1024);
      }),
      { numRuns: 150 },
    );
  });
});
