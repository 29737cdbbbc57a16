/** A relay and its clients for one test, and a way to end them all. */
import type { Socket } from 'node:net';
import type { RelayOptions } from '../relay.ts';
import { type ClientOptions, TestClient } from './client.ts';
import { type TestRelay, testRelay } from './relay.ts';

export class Scene {
  readonly relay: TestRelay;
  readonly #clients: TestClient[] = [];
  readonly #sockets: Socket[] = [];

  private constructor(relay: TestRelay) {
    this.relay = relay;
  }

  static async open(options: Partial<RelayOptions> = {}): Promise<Scene> {
    return new Scene(await testRelay(options));
  }

  /** A control connection that has not registered. */
  visit(options: ClientOptions = {}): TestClient {
    const client = new TestClient(this.relay.address, options);
    this.#clients.push(client);
    return client;
  }

  async join(options: ClientOptions = {}): Promise<TestClient> {
    const client = this.visit(options);
    await client.register();
    return client;
  }

  /** Both ends of a fresh splice. */
  async splice(from: TestClient, to: TestClient): Promise<[Socket, Socket]> {
    const token = await from.dial(to.id);
    const incoming = await to.inbox.take('incoming');
    const pair = await Promise.all([from.open(token), to.open(incoming.token)]);
    this.#sockets.push(...pair);
    return pair;
  }

  get http(): string {
    return this.relay.url.replace(/^ws/, 'http');
  }

  /** A number that the relay tells Prometheus, such as `skein_relay_nodes`; undefined while there is none. */
  async metric(name: string): Promise<number | undefined> {
    const text = await (await fetch(`${this.http}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const socket of this.#sockets) socket.destroy();
    await this.relay.end();
  }
}
