/** Commands whose reply is lost with their connection: they are said again, and done once (rule K2). */
import { mkdirSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { nodeSocket } from '@skein/node/home';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';

/** A socket before a node's own, which breaks the connection when a reply comes, as often as it is told to. */
class Breaking {
  readonly home: string;
  breaks = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor({ home }: Skein) {
    this.home = join(home, '..', 'f');
    mkdirSync(join(this.home, 'run'), { recursive: true, mode: 0o700 });
    this.#server = createServer((client) => {
      const node = connect(nodeSocket(home));
      for (const [one, other] of [
        [client, node],
        [node, client],
      ] as const) {
        this.#open.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          this.#open.delete(one);
          other.destroy();
        });
      }
      client.on('data', (bytes) => node.write(bytes));
      node.on('data', (bytes) => {
        if (this.breaks === 0 || !bytes.includes('reply')) return void client.write(bytes);
        this.breaks--;
        client.destroy();
      });
    }).listen(nodeSocket(this.home));
  }

  close(): void {
    this.#server.close();
    for (const one of this.#open) one.destroy();
  }
}

let laptop: Skein;
let desktop: Skein;
let near: Breaking;
let far: Breaking;

beforeAll(() => {
  [laptop, desktop] = [new Skein(), new Skein()];
  for (const one of [laptop, desktop]) one.run('mesh', '--on');
  defineFake(laptop.home);
  laptop.run('run', '-d', '--name', 'api', 'fake');
  const { ticket } = laptop.json<{ ticket: string }>('share', 'api', '--role', 'owner');
  expect(desktop.try(['join', '-'], { input: ticket }).status).toBe(0);
  const [known] = desktop.json<{ peer: string }[]>('nodes');
  desktop.run('node', 'rename', known?.peer ?? '', 'laptop');
  [near, far] = [new Breaking(laptop), new Breaking(desktop)];
}, 60_000);

afterAll(() => {
  near?.close();
  far?.close();
  for (const one of [desktop, laptop]) one?.destroy();
});

test.each([
  ['prompt.queued', (ref: string) => ['prompt', ref, 'hello']],
  ['task.added', (ref: string) => ['task', 'add', '--in', ref, 'do it']],
  ['question.asked', (ref: string) => ['ask', '--in', ref, 'Which?']],
  ['ticket.made', (ref: string) => ['share', ref]],
] as const)('[K2] %s is recorded once, from here and from another machine', async (type, words) => {
  const times = () =>
    laptop.json<{ type: string }[]>('events', 'api').filter((one) => one.type === type).length;
  for (const [skein, { home }, ref] of [
    [laptop, near, 'api'],
    [desktop, far, 'laptop:api'],
  ] as const) {
    const before = times();
    const link = skein === laptop ? near : far;
    link.breaks = 1;
    const outcome = await skein.later([...words(ref), '--home', home]);
    expect({ ref, ...outcome, breaks: link.breaks, times: times() - before }).toMatchObject({
      ...{ ref, status: 0, stderr: expect.not.stringContaining('unreachable') },
      ...{ breaks: 0, times: 1 },
    });
  }
});
