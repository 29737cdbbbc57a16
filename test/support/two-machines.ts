/** Two real nodes that know each other: a home, and a machine that it calls `box` and may be granted agents on. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Skein } from './cli.ts';
import { defineFake } from './fake-definition.ts';
import { freePort } from './free-port.ts';

export class TwoMachines {
  readonly home = new Skein();
  readonly worker = new Skein();
  /** A directory without links in its path, and one in it for agents to work in. */
  readonly place = realpathSync(mkdtempSync(join(tmpdir(), 'sk-two-')));
  readonly work = join(this.place, 'work');
  #peer = '';

  constructor() {
    mkdirSync(this.work);
  }

  /** `more`: further lines of the definition of the worker's agent. The worker is found at the same place after a restart. */
  async meet(more = ''): Promise<void> {
    defineFake(this.worker.home, 'fake', more);
    this.worker.run('mesh', '--on', '--listen', `127.0.0.1:${await freePort()}`);
    this.home.run('mesh', '--on');
    const { locator } = this.worker.json<{ locator: string }>('node', 'show');
    this.home.run('node', 'add', locator, '--name', 'box');
    this.#peer = this.home.json<{ peer: string }>('node', 'show').peer;
  }

  /** Home's, once they have met. */
  get peer(): string {
    return this.#peer;
  }

  /** Lets home start the agent `fake` on the worker. */
  grant(...options: string[]): void {
    this.worker.run('grant', this.#peer, '--agents', 'fake', ...options);
  }

  /** What home says that an agent is doing. */
  readonly doing = (ref: string): string | undefined =>
    this.home.json<{ doing: string }[]>('agents', ref)[0]?.doing;

  destroy(): void {
    for (const one of [this.home, this.worker]) one.destroy();
    rmSync(this.place, { recursive: true, force: true });
  }
}
