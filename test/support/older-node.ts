/** A node of an earlier release, as a command meets it: it agrees on the channel, and knows nothing that came later. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { nodeSocket } from '@skein/node/home';
import type { ClientFrame } from '@skein/protocol/channel/frames';
import { pack, unpack } from '@skein/protocol/codec';
import { type WebSocket, WebSocketServer } from 'ws';

/** What it answers to those asks that it knows. */
type Answers = Record<string, unknown>;

export class OlderNode {
  readonly #http = createServer();
  readonly #sockets = new WebSocketServer({ server: this.#http, perMessageDeflate: false });

  private constructor(answers: Answers) {
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data) => void hear(socket, answers, unpack(data as Buffer) as ClientFrame));
    });
  }

  static async start(home: string, answers: Answers = {}): Promise<OlderNode> {
    const node = new OlderNode(answers);
    mkdirSync(dirname(nodeSocket(home)), { recursive: true, mode: 0o700 });
    await new Promise<void>((resolve) => node.#http.listen(nodeSocket(home), resolve));
    return node;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

async function hear(socket: WebSocket, answers: Answers, frame: ClientFrame): Promise<void> {
  const say = (value: unknown) => socket.send(pack(value));
  if (frame.t === 'hello')
    say({
      ...{ t: 'welcome', version: 1, limits: { frame: 1_048_576, lanes: 64, window: 262_144 } },
      node: { id: 'older', version: '0.1.0', pid: process.pid },
    });
  if (frame.t !== 'ask') return;
  if (!Object.hasOwn(answers, frame.type)) {
    const error = { code: 'unknown_command', message: `A node does not answer "${frame.type}".` };
    return say({ t: 'answer', n: frame.n, error });
  }
  // What has to be looked up comes after what is refused at once.
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  say({ t: 'answer', n: frame.n, body: answers[frame.type] });
}
