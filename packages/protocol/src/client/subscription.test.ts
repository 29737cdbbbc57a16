/** An events lane without a connection: what it keeps for its reader, and where it goes on (rules C2, L3). */
import { describe, expect, test } from 'vitest';
import type { NodeFrame } from '../channel/frames.ts';
import { pack } from '../codec.ts';
import { LANE_MAX, LANE_WINDOW, MAX_INLINE_BODY, PAGE_BYTES } from '../limits.ts';
import { Subscription } from './subscription.ts';

function page(first: number, data: Uint8Array): NodeFrame {
  return { t: 'page', lane: 1, epoch: 2, first, count: 1, head: 9, data };
}

function event(bytes = 1): Uint8Array {
  return pack({ type: 'a'.repeat(bytes), at: 0, by: null, body: null });
}

function follow() {
  const told = { closed: 0 };
  const events = new Subscription(
    1,
    { stream: 'node', from: { offset: 0 }, follow: true },
    { credit: () => {}, close: () => void told.closed++ },
  );
  events.open();
  return { events, told };
}

describe('subscription', () => {
  test('[L3] a page that is being taken when the connection changes is given once', async () => {
    const { events } = follow();
    events.frame(page(1, event()));
    const taken = events.next();
    // The next connection is there before the codec is.
    const again = events.open();
    expect(again).toMatchObject({ t: 'sub', from: { offset: 0 } });
    events.frame(page(1, event()));
    events.frame(page(2, event()));
    expect((await taken)?.first).toBe(1);
    expect((await events.next())?.first).toBe(2);
    expect(events.open()).toMatchObject({ from: { epoch: 2, offset: 2 } });
  });

  test('[C2] a node that sends what it has no credit for is left, and no more than a lane may hold is kept', async () => {
    const { events, told } = follow();
    const data = event(100_000);
    let sent = 0;
    while (told.closed === 0 && sent < LANE_MAX) {
      events.frame(page(sent + 1, data));
      sent++;
    }
    expect(sent).toBe(Math.floor(LANE_MAX / data.length) + 1);
    for (let first = 1; first < sent; first++) expect((await events.next())?.first).toBe(first);
    await expect(events.next()).rejects.toMatchObject({ code: 'bad_frame' });
    expect(told.closed).toBe(1);
  });

  test('[C2] pages of nothing are not kept without end either', () => {
    const { events, told } = follow();
    for (let sent = 0; told.closed === 0 && sent <= LANE_MAX; sent++)
      events.frame(page(1, new Uint8Array(0)));
    expect(told.closed).toBe(1);
  });

  test('[C2] a node that overdraws its credit by a page is not left, nor one whose pages are taken', async () => {
    const { events, told } = follow();
    const data = event(PAGE_BYTES + MAX_INLINE_BODY);
    for (let credit = LANE_WINDOW; credit > 0; credit -= data.length) events.frame(page(1, data));
    for (let i = 0; i < 20; i++) {
      events.frame(page(1, data));
      await events.next();
    }
    expect(told.closed).toBe(0);
  });

  test('[C2] a page is kept without the rest of what it came in', async () => {
    const { events } = follow();
    const whole = new Uint8Array(1000);
    const data = event();
    whole.set(data, 500);
    events.frame(page(1, whole.subarray(500, 500 + data.length)));
    whole.fill(0);
    expect((await events.next())?.events).toMatchObject([{ type: 'a' }]);
  });

  test('[L3] of two that wait at once neither waits for ever', async () => {
    const { events } = follow();
    const both = [events.next(), events.next()];
    events.frame(page(1, event()));
    events.frame({ t: 'end', lane: 1 });
    const got = await Promise.all(both);
    expect(got.map((one) => one?.first)).toEqual([1, undefined]);
  });
});
