/**
 * One program at one end of a link, or libp2p's own relay in its middle. `link-end.ts <kind> <role> [address]`:
 *
 * - kind `mesh`: a tunnel of the mesh; `stream`: a bare libp2p stream over TCP; `circuit`: one through circuit-relay-v2;
 * - role `sink` takes what comes; `source` sends; `relay` is circuit-relay-v2's server.
 *
 * The address is the relay's, or the sink's for a source. Prints its own address when ready. A source reads lines `send <bytes>`
 * and `echo <count>`, and prints the milliseconds that it took until the sink had all, or the microseconds of each echo.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openMeshEnd } from './link-mesh.ts';
import { openStreamEnd, startCircuitRelay } from './link-stream.ts';

/** Bytes of one write. */
const WRITE = 64 * 1024;

/** What both kinds of link can do. */
export interface LinkEnd {
  address: string;
  /** Connects a source to its sink. */
  connect(to: string): Promise<LinkChannel>;
}

export interface LinkChannel {
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Called with each message or piece that comes back. */
  onData: (bytes: Uint8Array) => void;
}

/** What a sink answers to: `n`, eight bytes of how many will come, then as many; answered with one byte. One byte is echoed. */
export class Sink {
  #left = 0;

  take(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left === 0) {
        if (rest.length < 9 || rest[0] !== 0) return answer(rest.slice(0, 1));
        this.#left = Number(Buffer.from(rest.slice(1, 9)).readBigUInt64BE());
        rest = rest.subarray(9);
        continue;
      }
      const taken = Math.min(this.#left, rest.length);
      this.#left -= taken;
      rest = rest.subarray(taken);
      if (this.#left === 0) answer(Uint8Array.of(1));
    }
  }
}

async function send(channel: LinkChannel, bytes: number): Promise<number> {
  const done = new Promise<void>((resolve) => {
    channel.onData = () => resolve();
  });
  const header = Buffer.alloc(9);
  header.writeBigUInt64BE(BigInt(bytes), 1);
  const began = performance.now();
  await channel.write(header);
  const chunk = new Uint8Array(WRITE).fill(5);
  for (let sent = 0; sent < bytes; sent += WRITE) {
    const room = channel.write(chunk);
    if (room !== undefined) await room;
  }
  await done;
  return performance.now() - began;
}

async function echoes(channel: LinkChannel, count: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await new Promise<void>((resolve) => {
      channel.onData = () => resolve();
      void channel.write(Uint8Array.of(1));
    });
    samples.push(Math.round((performance.now() - began) * 1000));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return samples;
}

if (import.meta.main) {
  const [kind, role, address] = process.argv.slice(2);
  const home = mkdtempSync(join(tmpdir(), 'skb-link-'));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  if (role === 'relay') process.stdout.write(`${await startCircuitRelay()}\n`);
  else if (role === 'sink') {
    const end = kind === 'mesh' ? await openMeshEnd(home, address) : await openStreamEnd(address);
    process.stdout.write(`${end.address}\n`);
  } else {
    const end = kind === 'mesh' ? await openMeshEnd(home, undefined) : await openStreamEnd(undefined);
    const channel = await end.connect(address as string);
    process.stdout.write('connected\n');
    for await (const line of createInterface({ input: process.stdin })) {
      const [what, count] = line.split(' ');
      const result =
        what === 'send'
          ? await send(channel, Number(count))
          : (await echoes(channel, Number(count))).join(' ');
      process.stdout.write(`${result}\n`);
    }
    process.exit(0);
  }
}
