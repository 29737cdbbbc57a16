/** A channel carried on to another node: whole, in order, bounded, and ended on both sides (rules M4, C2). */
import { unpack } from '@skein/protocol/codec';
import { SkeinError } from '@skein/protocol/errors';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pipe, PipeEvents } from '../gateway/pipe.ts';
import { bridge } from './bridge.ts';

/** One end of a pipe whose other end takes what it is given only when told to. */
class End implements Pipe {
  readonly sent: Uint8Array[] = [];
  readonly #untold: (() => void)[] = [];
  buffered = 0;
  paused = false;
  closed: string | undefined;

  send(message: Uint8Array, sent?: () => void): void {
    this.sent.push(message);
    this.buffered += message.length;
    if (sent !== undefined) this.#untold.push(sent);
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  close(reason?: string): void {
    this.closed = reason ?? '';
  }
  /** The other end takes everything. */
  take(events?: PipeEvents): void {
    this.buffered = 0;
    for (const sent of this.#untold.splice(0)) sent();
    events?.drain?.();
  }
}

function opened() {
  const near = new End();
  const far = new End();
  let farEvents: PipeEvents | undefined;
  const nearEvents = bridge(near, async (events) => {
    farEvents = events;
    return far;
  });
  return { near, far, nearEvents, farEvents: farEvents as unknown as PipeEvents };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('[M4] a bridge', () => {
  test('carries messages both ways unread, those said before it was open too', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 50 }))),
        fc.nat(20),
        async (all, early) => {
          const { near, far, nearEvents, farEvents } = opened();
          for (const [i, [outward, bytes]] of all.entries()) {
            if (i === early) await settled();
            if (outward) nearEvents.message(bytes);
            else farEvents.message(bytes);
          }
          await settled();
          expect(far.sent).toEqual(all.filter(([out]) => out).map(([, bytes]) => bytes));
          expect(near.sent).toEqual(all.filter(([out]) => !out).map(([, bytes]) => bytes));
          nearEvents.closed();
        },
      ),
      { numRuns: 100 },
    ));

  test('[C2] stops reading from one side while the other does not take, and goes on when it does', async () => {
    const { near, far, nearEvents, farEvents } = opened();
    await settled();
    const piece = new Uint8Array(64 * 1024);
    for (let i = 0; i < 17; i++) farEvents.message(piece);
    expect(far.paused).toBe(true);
    near.take();
    expect(far.paused).toBe(false);
    for (let i = 0; i < 17; i++) nearEvents.message(piece);
    expect(near.paused).toBe(true);
    far.take(farEvents);
    expect(near.paused).toBe(false);
    nearEvents.closed();
  });

  test('does not read on before the other node is there', () => {
    const near = new End();
    const events = bridge(near, () => new Promise(() => {}));
    events.message(new Uint8Array(1));
    expect(near.paused).toBe(true);
    events.closed();
  });

  test('[K5] tells as a refusal of the channel why the other node cannot be had', async () => {
    const near = new End();
    bridge(near, async () => {
      throw new SkeinError('peer_unreachable', 'It sleeps.');
    });
    await settled();
    const frame = unpack(near.sent[0] as Uint8Array);
    expect(frame).toMatchObject({ t: 'refused', error: { code: 'peer_unreachable', message: 'It sleeps.' } });
    expect(near.closed).toBe('peer_unreachable');
  });

  test('ends on both sides whichever ends it, and gives up what is not open yet', async () => {
    const one = opened();
    await settled();
    one.nearEvents.closed();
    expect(one.far.closed).toBe('');
    const two = opened();
    await settled();
    two.farEvents.closed();
    expect(two.near.closed).toBe('');
    let aborted: AbortSignal | undefined;
    const late = new End();
    let open: (pipe: Pipe) => void = () => {};
    const three = bridge(new End(), (_, signal) => {
      aborted = signal;
      return new Promise((resolve) => {
        open = resolve;
      });
    });
    three.closed();
    expect(aborted?.aborted).toBe(true);
    open(late);
    await settled();
    expect(late.closed).toBe('');
  });
});
