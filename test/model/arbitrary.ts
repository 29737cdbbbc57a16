/** Steps of any kind, for property tests. */
import fc from 'fast-check';
import type { Step } from './marker.ts';

const text = fc.string({ unit: 'grapheme' });
const name = fc.string({ minLength: 1, unit: 'grapheme' });

const anyToolStep: fc.Arbitrary<Extract<Step, { together: boolean }>> = fc.oneof(
  fc.record({ step: fc.constant('write' as const), path: name, content: text, together: fc.boolean() }),
  fc.record({ step: fc.constant('shell' as const), command: text, together: fc.boolean() }),
  fc.record({ step: fc.constant('read' as const), path: name, together: fc.boolean() }),
);

/** Steps that let a reply come to its end. */
export const anyCalmStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ step: fc.constant('think' as const), text }),
  fc.record({ step: fc.constant('text' as const), text }),
  fc.record({ step: fc.constant('flood' as const), pieces: fc.nat(20), ms: fc.nat(2) }),
  fc.record({ step: fc.constant('sleep' as const), ms: fc.nat(9) }),
  fc.record({ step: fc.constant('hold' as const), gate: text }),
  anyToolStep,
);

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  anyCalmStep,
  fc.record({
    step: fc.constant('error' as const),
    status: fc.integer({ min: 400, max: 599 }),
    message: text,
  }),
  fc.constant({ step: 'cut' as const }),
  // Whether a reply has it depends on what the agent offers.
  fc.record({ step: fc.constant('call' as const), tool: name, input: fc.json(), together: fc.boolean() }),
);
