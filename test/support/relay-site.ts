/** A relay that may be killed and started again where it was: the same port, the same key. */
import { destroyRelayHome, makeRelayHome, RelayProcess } from './relay-process.ts';

export class RelaySite {
  readonly #home = makeRelayHome();
  #process: RelayProcess | undefined;
  /** Pinned. */
  url = '';

  static async start(): Promise<RelaySite> {
    const site = new RelaySite();
    await site.start();
    return site;
  }

  get pid(): number {
    return this.#process?.child.pid ?? 0;
  }

  async start(): Promise<void> {
    const port = this.url === '' ? [] : ['--port', new URL(this.url).port];
    this.#process = await RelayProcess.start(this.#home, [...port, '--log-level', 'silent']);
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
