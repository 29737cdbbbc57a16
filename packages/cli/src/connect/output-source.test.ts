/** A program's output through a node that sends what it likes (rule C2). */
import type { Client } from '@skein/protocol/client/client';
import type { Lane } from '@skein/protocol/client/lane';
import { HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import { LANE_MAX } from '@skein/protocol/limits';
import { expect, test } from 'vitest';
import { openOutput } from './output-source.ts';

test('[C2] output that its reader has no room for is taken up to what a lane may hold, and no further', async () => {
  const lanes: Lane[] = [];
  const ended: number[] = [];
  const client = {
    newLane: () => 1,
    addLane: (_: number, lane: Lane) => void lanes.push(lane),
    endLane: (lane: number) => void ended.push(lane),
  } as unknown as Client;
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
