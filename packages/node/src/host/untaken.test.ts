/** Viewers that say to have consumed what they do not read: no more is kept for them than for others (rule C2). */

import { pack } from '@skein/protocol/codec';
import { frame, HostFrame, offsetFrame } from '@skein/protocol/host/frames';
import { LANE_MAX, LANE_WINDOW } from '@skein/protocol/limits';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestHost, type TestViewer } from './fixture.ts';
import type { Link } from './link.ts';
import type { Viewed } from './viewed.ts';
import { Viewer } from './viewer.ts';

const PRINTED = 20_000_000;
const ALL = Number.MAX_SAFE_INTEGER;

describe('a viewer that says to have consumed what it does not read', () => {
  let host: TestHost;
  let run: string;
  beforeEach(async () => {
    host = await TestHost.start();
    run = await host.run(['sh', '-c', `head -c ${PRINTED} /dev/zero | tr "\\0" z; exec cat`]);
    const reader = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await reader.until(() => reader.next >= PRINTED);
    reader.close();
  });
  afterEach(async () => {
    await host.stop();
  });

  /** Has it say so many times, and lets it read once the host has heard all of it, with what comes behind. */
  async function lies(viewer: TestViewer, behind: Uint8Array): Promise<void> {
    viewer.consume = false;
    viewer.pause();
    const said = Array.from({ length: 200 }, () => offsetFrame(HostFrame.CONSUMED, ALL));
    const told = host.events.length;
    viewer.send(Buffer.concat([...said, frame(HostFrame.RESIZE, pack({ cols: 81, rows: 24 })), behind]));
    await vi.waitFor(() => expect(host.events.length).toBeGreaterThan(told), 20_000);
    viewer.resume();
  }

  test('[C2] is kept no more than a mebibyte', async () => {
    const viewer = await host.view(run, { view: 'bytes', from: 0 });
    const gap = offsetFrame(HostFrame.INPUT, 5, Buffer.from('x'));
    await lies(viewer, gap);
    await viewer.until(() => viewer.closed);
    expect(viewer.error?.code).toBe('bad_request');
    // With what the system takes at once, and the piece that goes beyond it.
    expect(viewer.output.length).toBeLessThan(LANE_MAX + 3 * LANE_WINDOW);
  });

  test('[C2] is sent the rest, without loss, once it reads', async () => {
    const viewer = await host.view(run, { view: 'bytes', from: 0 }, 'read');
    await lies(viewer, new Uint8Array(0));
    viewer.consume = true;
    await viewer.until(() => viewer.output.length >= PRINTED);
    expect(viewer.misplaced).toBe(0);
    expect(viewer.output).toBe('z'.repeat(PRINTED));
  });
});

test('[C2] [H6] one that is shown frames gets no other, nor a fresh screen, before the system has taken those before', async () => {
  const link = { buffered: 0, sendBytes: vi.fn(), sendValue: vi.fn(), events: undefined as Link['events'] };
  const paint = vi.fn(async () => ({ offset: 0, cols: 80, rows: 24, data: new Uint8Array(0) }));
  const frameConsumed = vi.fn();
  const seen = { head: 0, ended: false, size: { cols: 80, rows: 24 }, paint, frameConsumed };
  const run = { ...seen, renderFor: vi.fn(), shown: vi.fn(), resized: (one: Viewer) => one.fit() };
  const viewer = new Viewer(link as unknown as Link, run as unknown as Viewed, {
    ...{ id: '1', attachment: 'a', who: '', role: 'read', view: 'screen', from: 0, floor: 0 },
    ...{ follow: true, window: LANE_WINDOW, cols: 100, rows: 30, terminal: undefined },
  });
  viewer.start();
  await vi.waitFor(() => expect(link.sendValue).toHaveBeenCalledTimes(1));
  const consumed = () =>
    link.events?.frame(HostFrame.CONSUMED, offsetFrame(HostFrame.CONSUMED, 0).subarray(5));
  viewer.sendFrame(0, new Uint8Array(1));
  link.buffered = LANE_MAX + 1;
  for (let times = 0; times < 3; times++) consumed();
  expect(frameConsumed).not.toHaveBeenCalled();
  link.buffered = 0;
  link.events?.drained?.();
  expect(frameConsumed).toHaveBeenCalledTimes(1);

  link.buffered = LANE_MAX + 1;
  link.events?.frame(HostFrame.RESIZE, pack({ cols: 90, rows: 30 }));
  expect(paint).toHaveBeenCalledTimes(1);
  link.buffered = 0;
  link.events?.drained?.();
  await vi.waitFor(() => expect(link.sendValue).toHaveBeenCalledTimes(2));
  expect(paint).toHaveBeenCalledTimes(2);
});
