/** The lanes of a connection without a connection: what they say is what is sent (rules C1, C2). */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import { MAX_LANES } from '@skein/protocol/limits';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lane, LaneContext } from './lane.ts';
import { Lanes } from './lanes.ts';

/** A lane that says what the test likes, when it likes. */
class ToldLane implements Lane {
  readonly context: LaneContext;
  state: 'made' | 'open' | 'closed' = 'made';

  constructor(context: LaneContext) {
    this.context = context;
  }

  start(): void {
    this.state = 'open';
  }

  credit(): void {}

  close(): void {
    this.state = 'closed';
  }
}

const live = (lane: number, head: number): NodeFrame => ({ t: 'live', lane, epoch: 0, head });

function scene() {
  const sent: NodeFrame[] = [];
  const made: ToldLane[] = [];
  const pipe = { room: Number.POSITIVE_INFINITY };
  const lanes = new Lanes(
    (frame) => {
      pipe.room--;
      sent.push(frame);
    },
    () => pipe.room <= 0,
  );
  const open = (number: number, transfer = false): ToldLane => {
    const make = (context: LaneContext) => {
      const lane = new ToldLane(context);
      made.push(lane);
      return lane;
    };
    lanes.open(number, make, transfer);
    return made.at(-1) as ToldLane;
  };
  return { sent, made, lanes, open, pipe };
}

test('[C2] a lane that ends after it was closed neither ends nor speaks for the next of its number', () => {
  const { lanes, open, sent } = scene();
  const old = open(1);
  lanes.close(1);
  const next = open(1);
  old.context.send(live(1, 7));
  old.context.end();
  expect(sent).toEqual([]);
  expect(lanes.get(1)).toBe(next);
  next.context.end();
  next.context.end();
  expect(sent).toEqual([{ t: 'end', lane: 1 }]);
});

test('[C1] as many readers as there may be each fetch something at once, however often, and no more than that', () => {
  const { lanes, open, made, sent } = scene();
  for (let lane = 1; lane <= MAX_LANES; lane++) open(lane);
  const first = MAX_LANES + 1;
  for (let round = 0; round < 3; round++) {
    const fetched = Array.from({ length: MAX_LANES }, (_, n) => open(first + n, true));
    expect(sent).toEqual([]);
    for (const [n, one] of fetched.entries()) if (n % 2 === 0) one.context.end();
    for (let n = 1; n < MAX_LANES; n += 2) lanes.close(first + n);
    expect(sent.splice(0)).toHaveLength(MAX_LANES / 2);
  }
  for (let n = 0; n <= MAX_LANES; n++) open(first + n, true);
  open(3 * MAX_LANES);
  expect(sent).toMatchObject([
    { t: 'end', lane: 2 * MAX_LANES + 1, error: { code: 'mailbox_full' } },
    { t: 'end', lane: 3 * MAX_LANES, error: { code: 'mailbox_full' } },
  ]);
  lanes.closeAll();
  expect(made.slice(-MAX_LANES).filter(({ state }) => state === 'open')).toEqual([]);
});

test('[C2] however often a number is used again, every lane is counted, and closed in the end', () => {
  const { lanes, open, made, sent } = scene();
  for (let i = 0; i < 3 * MAX_LANES; i++) {
    const old = open(1);
    lanes.close(1);
    open(1);
    old.context.end();
    lanes.close(1);
  }
  for (let lane = 1; lane <= MAX_LANES + 1; lane++) open(lane);
  expect(sent).toMatchObject([{ t: 'end', lane: MAX_LANES + 1, error: { code: 'mailbox_full' } }]);
  expect(made.filter(({ state }) => state === 'open')).toHaveLength(MAX_LANES);
  lanes.closeAll();
  expect(made.filter(({ state }) => state !== 'closed')).toEqual([]);
});

test('[C2] where nothing more can be sent lanes wait, and have their turns as they came; an end comes last', () => {
  const { open, pipe, sent, lanes } = scene();
  const [one, two, three] = [open(1), open(2), open(3)];
  const gone: string[] = [];
  pipe.room = 1;
  expect(one.context.send(live(1, 1), () => gone.push('not told'))).toBe(true);
  expect(two.context.send(live(2, 1), () => gone.push('two'))).toBe(false);
  expect(one.context.send(live(1, 2), () => gone.push('one'))).toBe(false);
  one.context.end();
  expect(three.context.send(live(3, 1), () => gone.push('three'))).toBe(false);
  lanes.drained();
  expect(sent.splice(0)).toEqual([live(1, 1)]);
  pipe.room = 1;
  lanes.drained();
  expect(sent.splice(0)).toEqual([live(2, 1)]);
  expect(gone).toEqual(['two']);
  // Whoever leaves meanwhile has nothing sent any more.
  lanes.close(3);
  pipe.room = 9;
  lanes.drained();
  expect(sent).toEqual([live(1, 2), { t: 'end', lane: 1 }]);
  expect(gone).toEqual(['two', 'one']);
  expect(lanes.get(1)).toBeUndefined();
});

test('[C2] every lane goes on, in its order, whatever room there is and whenever it comes', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ act: fc.constant('send' as const), lane: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ act: fc.constant('room' as const), room: fc.integer({ min: 0, max: 5 }) }),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const { open, pipe, sent, lanes } = scene();
      const made = [1, 2, 3, 4].map((number) => ({ lane: open(number), number, given: 0, waits: false }));
      const asked: NodeFrame[] = [];
      pipe.room = 0;
      for (const step of all) {
        if (step.act === 'room') {
          pipe.room = step.room;
          lanes.drained();
          expect(pipe.room).toBeGreaterThanOrEqual(0);
          continue;
        }
        const one = made[step.lane - 1];
        if (one === undefined || one.waits) continue;
        const frame = live(one.number, ++one.given);
        asked.push(frame);
        one.waits = !one.lane.context.send(frame, () => {
          one.waits = false;
        });
      }
      pipe.room = Number.POSITIVE_INFINITY;
      lanes.drained();
      expect(sent).toEqual(asked);
      expect(made.some(({ waits }) => waits)).toBe(false);
    }),
  );
});
