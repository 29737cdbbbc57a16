/** What of a conversation is on the screen (rule U1): however it came and was looked at, it is what the events say. */
import type { StoredEvent } from '@skein/protocol/sessions/events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENT, lives } from './events.fixture.ts';
import { Pane, type PlacedRow } from './pane.ts';
import { SessionModel } from './session-model.ts';
import { textOf, toAnsi } from './style.ts';
import { rowColumns } from './width.ts';

const WIDTH = fc.integer({ min: 12, max: 120 });

class Shown {
  readonly model = new SessionModel('s', {});
  readonly pane = new Pane(this.model.conversation(AGENT).blocks);
  #offset = 0;

  apply(events: readonly StoredEvent[]): void {
    for (const event of events) this.model.apply(event, ++this.#offset);
  }

  all(width: number): PlacedRow[] {
    this.pane.width = width;
    this.pane.anchor = { block: 0, row: 0 };
    return this.pane.window(Number.POSITIVE_INFINITY);
  }
}

function whole(events: readonly StoredEvent[], width: number, expand: boolean): PlacedRow[] {
  const shown = new Shown();
  shown.apply(events);
  if (expand) shown.pane.toggleAll();
  return shown.all(width);
}

describe('the transcript', () => {
  test('[U1] looked at after every event, at any width, is the same as made from all events at once', () => {
    fc.assert(
      fc.property(
        lives,
        fc.array(WIDTH, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (events, widths, expand) => {
          const shown = new Shown();
          if (expand) shown.pane.toggleAll();
          for (const [i, event] of events.entries()) {
            shown.apply([event]);
            shown.all(widths[i % widths.length] ?? 80);
          }
          for (const width of widths) expect(shown.all(width)).toEqual(whole(events, width, expand));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('[U1] no row is wider than the screen, and nothing in it is obeyed by a terminal', () => {
    fc.assert(
      fc.property(lives, WIDTH, fc.boolean(), (events, width, expand) => {
        for (const { row } of whole(events, width, expand)) {
          expect(rowColumns(row)).toBeLessThanOrEqual(width);
          expect(textOf(row)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
          expect(toAnsi(row, true).replace(/\x1b\[[\d;]*m/g, '')).toBe(textOf(row));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('[U1] an event that was applied is not applied again', () => {
    fc.assert(
      fc.property(lives, fc.nat(60), (events, back) => {
        const model = new SessionModel('s', {});
        const again = (from: number) => {
          for (let i = from; i < events.length; i++) model.apply(events[i] as StoredEvent, i + 1);
        };
        again(0);
        const before = structuredClone(model.conversation(AGENT).blocks);
        again(Math.max(0, events.length - back));
        expect(model.conversation(AGENT).blocks).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  test('scrolled, each screen follows on the one before, to the first row and back to the last', () => {
    fc.assert(
      fc.property(lives, WIDTH, fc.integer({ min: 1, max: 30 }), (events, width, height) => {
        const shown = new Shown();
        shown.apply(events);
        const rows = shown.all(width).map(({ row }) => textOf(row));
        const { pane } = shown;
        pane.anchor = 'end';
        const texts = () => pane.window(height).map(({ row }) => textOf(row));
        expect(texts()).toEqual(rows.slice(Math.max(0, rows.length - height)));
        for (let moved = 1; moved <= rows.length + 2; moved++) {
          pane.scroll(-1, height);
          const from = Math.max(0, rows.length - height - moved);
          expect(texts()).toEqual(rows.slice(from, from + height));
        }
        pane.scroll(rows.length, height);
        expect(pane.following).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a block that is looked for is on the screen', () => {
    fc.assert(
      fc.property(lives, fc.nat(40), fc.integer({ min: 3, max: 30 }), (events, at, height) => {
        const shown = new Shown();
        shown.apply(events);
        const { pane, model } = shown;
        const { blocks } = model.conversation(AGENT);
        if (blocks.length === 0) return;
        const index = at % blocks.length;
        pane.anchor = 'end';
        pane.reveal(index, height);
        if (pane.rowsAt(index).length > 0)
          expect(pane.window(height).some(({ block }) => block === index)).toBe(true);
      }),
    );
  });
});
