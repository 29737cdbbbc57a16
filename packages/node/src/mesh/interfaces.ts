/** Tells when this machine's network addresses change. No system tells Node; so it looks, which costs next to nothing. */
import os from 'node:os';

/** Milliseconds between looks. */
const LOOK_MS = 2_000;

export class Interfaces {
  readonly #timer: NodeJS.Timeout;

  constructor(changed: () => void) {
    let known = addresses();
    this.#timer = setInterval(() => {
      const now = addresses();
      if (now === known) return;
      known = now;
      changed();
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function addresses(): string {
  const all = Object.entries(os.networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).map(({ address, netmask }) => `${name} ${address} ${netmask}`),
  );
  return all.sort().join('\n');
}
