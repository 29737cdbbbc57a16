/** The relay with real sockets: who gets in, who is brought together, what is refused (rules R1, R3, C5). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestClient } from './testing/client.ts';
import { type TestRelay, testRelay } from './testing/relay.ts';

let relay: TestRelay;
const clients: TestClient[] = [];
beforeEach(async () => {
  relay = await testRelay();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await relay.end();
});

async function join(options?: ConstructorParameters<typeof TestClient>[1]): Promise<TestClient> {
  const client = new TestClient(relay.address, options);
  clients.push(client);
  await client.register();
  return client;
}

describe('registration', () => {
  test('[R1] both ends prove who they are', async () => {
    const node = await join();
    expect(node.socket.readyState).toBe(node.socket.OPEN);
  });
});

describe('splices', () => {
  test('[R1] bytes pass both ways', async () => {
    const [a, b] = [await join(), await join()];
    const [one, other] = await a.splice(b);
    one.write('hello');
    expect(String(await new Promise((resolve) => other.once('data', resolve)))).toBe('hello');
    other.write('there');
    expect(String(await new Promise((resolve) => one.once('data', resolve)))).toBe('there');
    one.destroy();
    await new Promise((resolve) => other.once('end', resolve));
    other.destroy();
  });
});
