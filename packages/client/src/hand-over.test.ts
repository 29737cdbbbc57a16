/** What is too large for a command is handed over before, whole, whatever becomes of node and connection (rule A4). */
import type { PromptPartGiven } from '@skein/protocol/agents/commands';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { handOver } from './hand-over.ts';

type Odd = 'none' | 'forgets' | 'twice';

/** A node that keeps what is handed over, and is odd once, at its nth piece. */
class Node {
  readonly held = new Map<string, Uint8Array>();
  #asked = 0;
  #odd: Odd;
  readonly #at: number;

  constructor(odd: Odd = 'none', at = 0) {
    this.#odd = odd;
    this.#at = at;
  }

  get client(): Client {
    return { ask: async (_: string, body: never) => this.#upload(body) } as unknown as Client;
  }

  #upload({ handle, bytes }: { handle?: string; bytes: Uint8Array }): { handle: string; size: number } {
    const odd = this.#asked++ === this.#at ? this.#odd : 'none';
    if (odd === 'forgets') this.held.clear();
    const before = handle === undefined ? new Uint8Array() : this.held.get(handle);
    if (before === undefined) throw new SkeinError('upload_gone', 'It is gone.');
    const name = handle ?? `h${this.#asked}`;
    // Its answer was lost with the connection, and it was asked again.
    const now = Buffer.concat(odd === 'twice' ? [before, bytes, bytes] : [before, bytes]);
    this.held.set(name, now);
    return { handle: name, size: now.length };
  }

  /** The parts as the node reads them. */
  read(given: readonly PromptPartGiven[]): unknown[] {
    return given.map((part) => {
      if (!('upload' in part)) return part;
      const bytes = Buffer.from(this.held.get(part.upload) ?? []);
      const { upload: _, ...rest } = part;
      return part.type === 'text'
        ? { ...rest, text: bytes.toString() }
        : { ...rest, data: bytes.toString('base64') };
    });
  }
}

const text = fc.oneof(fc.constantFrom(10, 200_000, 600_000), fc.nat(700_000)).map((n) => 'é'.repeat(n / 2));
const part: fc.Arbitrary<PromptPartGiven> = fc.oneof(
  text.map((said) => ({ type: 'text' as const, text: said })),
  text.map((said) => ({
    type: 'image' as const,
    mime: 'image/png',
    data: Buffer.from(said).toString('base64'),
  })),
  fc.constant({ type: 'file' as const, path: '/a' }),
);

test('[A4] every part arrives as it was, and what goes with the command fits into a frame', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.constantFrom<Odd>('none', 'forgets', 'twice'),
      fc.nat(8),
      async (parts, odd, at) => {
        const node = new Node(odd, at);
        const sent: number[] = [];
        const read = await handOver(node.client, 's', parts, async (given) => {
          sent.push(JSON.stringify(given).length);
          // As a command that names what is not kept any more.
          const kept = given.every((one) => !('upload' in one) || node.held.has(one.upload));
          if (!kept) throw new SkeinError('upload_gone', 'It is gone.');
          return node.read(given);
        });
        expect(Math.max(...sent)).toBeLessThan(512 * 1024);
        expect(read).toEqual(parts);
      },
    ),
    { numRuns: 60 },
  );
});

test('[A4] what is refused is refused once, and a node that keeps nothing is not asked for ever', async () => {
  const given: unknown[] = [];
  const giving = (code: 'too_large' | 'upload_gone', parts: PromptPartGiven[]) =>
    handOver(new Node().client, 's', parts, async (one) => {
      given.push(one);
      throw new SkeinError(code, 'No.');
    });
  const large: PromptPartGiven[] = [{ type: 'text', text: 'x'.repeat(300_000) }];
  await expect(giving('too_large', large)).rejects.toMatchObject({ code: 'too_large' });
  expect(given).toHaveLength(1);
  await expect(giving('upload_gone', large)).rejects.toMatchObject({ code: 'upload_gone' });
  expect(given).toHaveLength(4);
  const data = '*'.repeat(300_000);
  const wrong = giving('too_large', [{ type: 'image', mime: 'image/png', data }]);
  await expect(wrong).rejects.toMatchObject({ code: 'bad_request' });
});
