/** A program's output through a node that sends what it likes (rule C2). */
import type { Lane } from '@skein/protocol/client/lane';
import { frame, HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import { pack } from '@skein/protocol/light-codec';
import { LANE_MAX } from '@skein/protocol/limits';
import { expect, test, vi } from 'vitest';
import { type At, openOutput } from './output-source.ts';

/** A client that keeps the lanes that are added to it: output of another node needs no more. */
function laneKeeper() {
  const lanes: Lane[] = [];
  const ended: number[] = [];
  const client: At['client'] = {
    ask: () => Promise.reject(new Error('Nothing is asked.')),
    newLane: () => 1,
    addLane: (_: number, lane: Lane) => void lanes.push(lane),
    laneData: () => {},
    credit: () => {},
    endLane: (lane: number) => void ended.push(lane),
  };
  return { client, lanes, ended };
}

test('[C2] output that its reader has no room for is taken up to what a lane may hold, and no further', async () => {
  const { client, lanes, ended } = laneKeeper();
  let kept = 0;
  const at = { client, id: 's', node: 'far' };
  const source = await openOutput(
    at,
    { from: 0, follow: true },
    {
      data: (_, bytes) => {
        kept += bytes.length;
      },
      gap: () => {},
    },
  );
  const piece = new Uint8Array(60_000);
  for (let at = 0; ended.length === 0 && at < 2 * LANE_MAX; at += piece.length)
    lanes[0]?.frame({ t: 'data', lane: 1, bytes: offsetFrame(HostFrame.DATA, at, piece) });
  await expect(source.done).rejects.toMatchObject({ code: 'bad_frame' });
  expect(ended).toEqual([1]);
  expect(kept).toBeLessThanOrEqual(LANE_MAX);
});

test('[L4] a place past the end is told, also of a program that runs elsewhere; one that was reached may be come back to', async () => {
  const welcome = (head: number) => ({
    ...{ t: 'data' as const, lane: 1 },
    bytes: frame(HostFrame.WELCOME, pack({ head })),
  });
  for (const from of [10, 11]) {
    const { client, lanes } = laneKeeper();
    const at = { client, id: 's', node: 'far' };
    const { done } = await openOutput(at, { from, follow: true }, { data: () => {}, gap: () => {} });
    lanes[0]?.frame(welcome(10));
    if (from > 10) await expect(done).rejects.toMatchObject({ code: 'cursor_past_head', data: { head: 10 } });
    else {
      lanes[0]?.frame(welcome(0));
      lanes[0]?.frame({ ...welcome(0), bytes: frame(HostFrame.EXIT, pack({ code: 0, offset: 10 })) });
      lanes[0]?.frame({ t: 'end', lane: 1 });
      expect(await done).toMatchObject({ code: 0 });
    }
  }
});

test('[H2] the output of a program that ends while its host is being reached is asked of its node once more', async () => {
  const { client, lanes } = laneKeeper();
  let printed = '';
  const events = { data: (_: number, bytes: Uint8Array) => (printed += Buffer.from(bytes)), gap: () => {} };
  const { done } = await openOutput({ client, id: 's', node: 'far' }, { from: 0, follow: true }, events);
  const error = { code: 'not_running' as const, message: 'Its host has let go of it.' };
  lanes[0]?.frame({ t: 'end', lane: 1, error });
  await vi.waitFor(() => expect(lanes).toHaveLength(2));
  const say = (bytes: Uint8Array) => lanes[1]?.frame({ t: 'data', lane: 1, bytes });
  say(frame(HostFrame.WELCOME, pack({ head: 2 })));
  say(offsetFrame(HostFrame.DATA, 0, Buffer.from('hi')));
  say(frame(HostFrame.EXIT, pack({ code: 0, signal: null, offset: 2 })));
  lanes[1]?.frame({ t: 'end', lane: 1 });
  await expect(done).resolves.toMatchObject({ code: 0 });
  expect(printed).toBe('hi');
});
