/** Writes that reach a host whatever becomes of the connections between (rule H3). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Write } from '../drivers/driver.ts';
import { Outbox } from './outbox.ts';

/** A host's end: takes input once, in order, as hosts do; some of what is under way is lost with a connection. */
class Host {
  bytes: number[] = [];

  input(offset: number, bytes: Uint8Array): void {
    expect(offset).toBeLessThanOrEqual(this.bytes.length);
    this.bytes.push(...bytes.subarray(this.bytes.length - offset));
  }
}

describe('outbox', () => {
  test('[H3] every byte arrives once and in order, over connections that are cut anywhere', () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('write' as const), size: fc.integer({ min: 1, max: 9 }) }),
      fc.record({ do: fc.constant('open' as const) }),
      fc.record({ do: fc.constant('deliver' as const), most: fc.nat(4) }),
      fc.record({ do: fc.constant('cut' as const) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const host = new Host();
        const outbox = new Outbox();
        let wire: { offset: number; bytes: Uint8Array }[] | undefined;
        let written = 0;
        const kept = new Map<number, Write>();
        const forget = () => {
          for (const offset of outbox.arrived()) {
            const write = kept.get(offset);
            // Nothing is forgotten that the host does not have.
            expect(write && write.offset + write.bytes.length).toBeLessThanOrEqual(host.bytes.length);
            kept.delete(offset);
          }
        };
        const open = () => {
          const fresh: typeof wire = [];
          wire = fresh;
          outbox.opened(host.bytes.length, (offset, bytes) => fresh.push({ offset, bytes }));
          forget();
        };
        const deliver = (most: number) => {
          for (const { offset, bytes } of wire?.splice(0, most) ?? []) {
            host.input(offset, bytes);
            outbox.accepted(host.bytes.length);
            forget();
          }
        };
        for (const one of acts) {
          if (one.do === 'write') {
            const bytes = Uint8Array.from({ length: one.size }, (_, n) => (written + n) % 251);
            kept.set(written, { offset: written, bytes });
            outbox.add([{ offset: written, bytes }]);
            written += one.size;
          } else if (one.do === 'open') open();
          else if (one.do === 'deliver') deliver(one.most);
          else {
            wire = undefined;
            outbox.closed();
          }
        }
        expect(outbox.offsets).toEqual([...kept.keys()]);
        open();
        while ((wire?.length ?? 0) > 0) deliver(1);
        expect(host.bytes).toEqual(Array.from({ length: written }, (_, n) => n % 251));
        expect(outbox.offsets).toEqual([]);
      }),
    );
  });

  test('[C2] a write of megabytes is sent a window at a time', () => {
    const sent: number[] = [];
    const outbox = new Outbox();
    outbox.add([{ offset: 0, bytes: new Uint8Array(1024 * 1024) }]);
    outbox.opened(0, (_, bytes) => sent.push(bytes.length));
    expect(sent).toEqual([256 * 1024]);
    outbox.accepted(100);
    expect(sent).toEqual([256 * 1024, 100]);
  });
});
