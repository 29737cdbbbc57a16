/** Pieces of messages told together (rule A1): the same transcript from fewer events. */
import type { AgentEvent } from '@skein/protocol/agents/events';
import { emptyTranscript, reduceTranscript } from '@skein/protocol/agents/transcript';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeDeltas } from './merge-deltas.ts';

const piece: fc.Arbitrary<AgentEvent> = fc
  .record({
    type: fc.constantFrom('message.delta' as const, 'thought.delta' as const),
    item: fc.constantFrom('i1', 'i2'),
    text: fc.string({ maxLength: 20 }),
  })
  .map(({ type, item, text }) => {
    const body = { run: 'r', turn: 't', item: `${type[0]}${item}`, text };
    return type === 'message.delta' ? { type, body: { ...body, from: 'agent' } } : { type, body };
  });
const other: fc.Arbitrary<AgentEvent> = fc.constant({
  type: 'tool.announced',
  body: { run: 'r', turn: 't', call: 'c', kind: 'edit', title: 'x', paths: [] },
});

const transcriptOf = (events: readonly AgentEvent[]) =>
  events.reduce((t, event) => reduceTranscript(t, { ...event, at: 1 }), emptyTranscript());

describe('merging', () => {
  test('[A1] what is told in fewer events reads the same, and no neighbours are left apart', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: piece }, other), { maxLength: 30 }), (events) => {
        const begun: AgentEvent = { type: 'turn.started', body: { run: 'r', turn: 't', prompt: null } };
        const merged = mergeDeltas(events);
        expect(transcriptOf([begun, ...merged])).toEqual(transcriptOf([begun, ...events]));
        merged.forEach((event, n) => {
          const next = merged[n + 1];
          const same = next?.type === event.type && 'item' in event.body && 'item' in next.body;
          if (same)
            expect((event.body as { item: string }).item).not.toBe((next.body as { item: string }).item);
        });
      }),
    );
  });
});
