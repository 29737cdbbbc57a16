/** Names that nobody answers for, and what was known of them (rules C4, M5). */
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { HostNames } from './host-names.ts';

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** A system that answers when it is told to. */
class System {
  readonly asked: { name: string; answer: Answer }[] = [];
  readonly names = new HostNames((name, _, answer) => void this.asked.push({ name, answer }));

  find(name: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const found = (error: Error | null, address: string | LookupAddress[]) =>
        error === null ? resolve(String(address)) : reject(error);
      this.names.lookup(name, { family: 4 }, found);
    });
  }

  /** Answers the oldest question. */
  answer(what: string | { code: string }): void {
    const question = this.asked.shift();
    if (typeof what === 'string') question?.answer(null, [{ address: what, family: 4 }]);
    else question?.answer(Object.assign(new Error(what.code), what), []);
  }
}

test('[C4] a name that no server answers for is not asked for again before it was given up', async () => {
  const system = new System();
  const many = Array.from({ length: 20 }, () => system.find('dead.test'));
  expect(system.asked.map(({ name }) => name)).toEqual(['dead.test']);
  system.answer({ code: 'EAI_AGAIN' });
  for (const one of await Promise.allSettled(many)) expect(one).toMatchObject({ status: 'rejected' });
  void system.find('dead.test').catch(() => {});
  expect(system.asked).toHaveLength(1);
});

test('[C4] a name that was known is found where it was while nobody can say', async () => {
  const system = new System();
  const first = system.find('relay.test');
  system.answer('192.0.2.1');
  expect(await first).toBe('192.0.2.1');

  const late = system.find('relay.test');
  expect(await late).toBe('192.0.2.1');
  system.answer('192.0.2.2');
  const unanswered = system.find('relay.test');
  system.answer({ code: 'EAI_AGAIN' });
  expect(await unanswered).toBe('192.0.2.2');
});

test('[C4] a name that is no more, or leads elsewhere, is not taken for what it was', async () => {
  const system = new System();
  const first = system.find('relay.test');
  system.answer('192.0.2.1');
  await first;
  const moved = system.find('relay.test');
  system.answer('192.0.2.2');
  expect(await moved).toBe('192.0.2.2');
  const gone = system.find('relay.test');
  system.answer({ code: 'ENOTFOUND' });
  await expect(gone).rejects.toThrow('ENOTFOUND');
});

test('[M5] sockets connect by it', async () => {
  const server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const socket = net.connect({ host: 'localhost', port, lookup: new HostNames().lookup });
  await once(socket, 'connect');
  socket.destroy();
  server.close();
  await once(server, 'close');
});
