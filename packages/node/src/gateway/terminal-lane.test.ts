/** A terminal lane over a host that never stops talking (rule C2). */
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { TerminalLane } from './terminal-lane.ts';

test('[C2] while its frames wait a terminal lane takes nothing more from its host, and goes on when they have gone', async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sk-lane-'));
  const socket = path.join(home, 'h.sock');
  const server = net.createServer((viewer) => {
    viewer.on('error', () => {}).resume();
    const endless = Readable.from(
      (function* () {
        for (;;) yield new Uint8Array(64 * 1024);
      })(),
    );
    endless.pipe(viewer).on('close', () => endless.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  const waiting: (() => void)[] = [];
  let came = (): void => {};
  const source = Promise.resolve({ kind: 'host' as const, socket, token: 't', hello: {} });
  const lane = new TerminalLane(source, Number.MAX_SAFE_INTEGER, {
    lane: 1,
    send: (_, gone = () => {}) => {
      waiting.push(gone);
      came();
      return false;
    },
    end: () => {},
  });
  lane.start();
  try {
    for (let round = 0; round < 5; round++) {
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          came = resolve;
        });
      // Credit is no reason to take more.
      lane.credit(1);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(waiting).toHaveLength(1);
      waiting.pop()?.();
    }
  } finally {
    lane.close();
    server.close();
    fs.rmSync(home, { recursive: true });
  }
});
