/** What comes from an agent, presented whole and in order however it was cut (rule A2). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Intake } from './intake.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('intake', () => {
  test('[A2] all lines come, once, whatever the chunks and repeats; the rest comes at the end', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 6 });
    const cuts = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 7 }), back: fc.nat(3), take: fc.boolean() }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(fc.array(line), line, cuts, fc.nat(50), (lines, rest, steps, from) => {
        const all = bytesOf(lines.map((one) => `${one}\n`).join('') + rest);
        const intake = new Intake(from, 1_000);
        let out: number[] = [];
        const take = () => {
          for (const { offset, bytes } of intake.take()) {
            expect(offset).toBe(from + out.length);
            out = [...out, ...bytes];
          }
        };
        for (let at = 0, n = 0; at < all.length; n++) {
          const { size, back, take: now } = steps[n % steps.length] as (typeof steps)[number];
          const start = Math.max(0, at - back);
          intake.push(from + start, all.subarray(start, at + size));
          at = Math.min(all.length, at + size);
          expect(intake.received).toBe(from + at);
          expect(intake.taken).toBeLessThanOrEqual(intake.received);
          if (now) take();
        }
        intake.ends(from + all.length);
        take();
        expect(intake.exhausted).toBe(true);
        expect(intake.taken).toBe(intake.received);
        expect(out.at(-1) ?? 10).toBe(10);
        expect([...out, ...intake.rest().bytes]).toEqual([...all]);
      }),
    );
  });

  test('[H2] output that is missing is presented as it came, so that the driver tells of the gap', () => {
    const intake = new Intake(5, 1_000);
    intake.push(9, bytesOf('x\n'));
    expect(intake.take()).toMatchObject([{ offset: 9 }]);
  });
});
