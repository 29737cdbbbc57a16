/** The lanes of a connection without a connection: what they say is what is sent (rules C1, C2). */
import type { NodeFrame } from '@skein/protocol/channel/frames';
import { MAX_LANES } from '@skein/protocol/limits';
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

function scene() {
  const sent: NodeFrame[] = [];
  const made: ToldLane[] = [];
  const lanes = new Lanes((frame) => void sent.push(frame));
  const open = (number: number): ToldLane => {
    lanes.open(number, (context) => {
      const lane = new ToldLane(context);
      made.push(lane);
      return lane;
    });
    return made.at(-1) as ToldLane;
  };
  return { sent, made, lanes, open };
}

test('[C2] a lane that ends after it was closed neither ends nor speaks for the next of its number', () => {
  const { lanes, open, sent } = scene();
  const old = open(1);
  lanes.close(1);
  const next = open(1);
  old.context.send({ t: 'live', lane: 1, epoch: 0, head: 7 });
  old.context.end();
  expect(sent).toEqual([]);
  expect(lanes.get(1)).toBe(next);
  next.context.end();
  next.context.end();
  expect(sent).toEqual([{ t: 'end', lane: 1 }]);
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
