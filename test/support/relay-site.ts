/** A relay that may be killed and started again where it was: the same port, the same key. */
import { destroyRelayHome, makeRelayHome, RelayProcess } from './relay-process.ts';

export class RelaySite {
  readonly #home = makeRelayHome();
  /** Where it listens, and the words that start it there. */
  readonly #host: string;
  readonly #under: readonly string[];
  #process: RelayProcess | undefined;
  /** Pinned. */
  url = '';

  private constructor(host: string, under: readonly string[]) {
    this.#host = host;
    this.#under = under;
  }

  static async start(host = '127.0.0.1', under: readonly string[] = []): Promise<RelaySite> {
    const site = new RelaySite(host, under);
    await site.start();
    return site;
  }

  get pid(): number {
    return this.#process?.child.pid ?? 0;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async start(): Promise<void> {
    const port = this.url === '' ? [] : ['--port', `${this.port}`];
    const words = ['--host', this.#host, ...port, '--log-level', 'silent'];
    this.#process = await RelayProcess.start(this.#home, words, {}, this.#under);
    this.url = this.#process.url;
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  async end(): Promise<void> {
    await this.kill();
    destroyRelayHome(this.#home);
  }
}
