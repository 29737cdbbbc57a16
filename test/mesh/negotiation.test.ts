/** What comes before anybody has proved who they are, where libp2p agrees on what to speak: it ends, whoever goes on (rule C5). */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIdentity } from '@skein/node/mesh/identity';
import { Core } from '@skein/node/mesh/libp2p/libp2p';
import { peerIdOf } from '@skein/protocol/relay/peer-id';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { said } from '../faults/mesh-strangers.ts';
import { within } from '../support/processes.ts';

/** The beginning of a length that never ends: they have two bytes at most. */
const ENDLESS = Buffer.alloc(3, 0xff);
/** Milliseconds; half of what a connection has to prove who it is. */
const AT_ONCE_MS = 5_000;

const home = mkdtempSync(join(tmpdir(), 'sk-negotiation-'));
let core: Core;
beforeAll(async () => {
  core = await Core.start(openIdentity(home), { admit: () => true, connected() {}, stream() {} });
  await core.listening.listen(['127.0.0.1:0']);
});
afterAll(async () => {
  await core.stop();
  rmSync(home, { recursive: true, force: true });
});

const endless: [string, Buffer][] = [
  ['whose length never ends', ENDLESS],
  ['who proposes one protocol after another', Buffer.concat([said('/multistream/1.0.0'), ...proposals(16)])],
  ['who asks for the list again and again', Buffer.concat(Array.from({ length: 17 }, () => said('ls')))],
];

test.each(endless)('[C5] a stranger %s is cut off', async (_, bytes) => {
  const port = Number(core.listening.addresses[0]?.split('/')[4]);
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  try {
    socket.resume().write(bytes);
    await within(AT_ONCE_MS, 'the node closes', closed);
  } finally {
    socket.destroy();
  }
});

test('[C5] whoever answers a dial with a length that never ends is left', async () => {
  const answering = createServer((socket) => {
    socket.on('error', () => {}).resume();
    socket.write(ENDLESS);
  });
  await once(answering.listen(0, '127.0.0.1'), 'listening');
  const { port } = answering.address() as AddressInfo;
  const peer = peerIdOf(new Uint8Array(32).fill(7));
  try {
    const dialled = core.dial(`127.0.0.1:${port}`, peer, AbortSignal.timeout(10 * AT_ONCE_MS), () => {});
    const failed = dialled.then(
      () => false,
      () => true,
    );
    expect(await within(AT_ONCE_MS, 'the dial fails', failed)).toBe(true);
  } finally {
    answering.close();
  }
});

function proposals(count: number): Buffer[] {
  return Array.from({ length: count }, (_, n) => said(`/unknown/${n}`));
}
