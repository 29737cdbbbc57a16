/** Named gates at which replies wait: open once and for all when released; a test can wait until somebody stands there. */

export class Gates {
  private readonly open = new Set<string>();
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly watchers = new Map<string, (() => void)[]>();

  /** Resolves when the gate is released, or at once when it was; rejects when `signal` ends the wait. */
  pass(gate: string, signal: AbortSignal): Promise<void> {
    if (this.open.has(gate)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const here = this.waiting.get(gate) ?? new Set();
      const leave = () => {
        here.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.set(gate, here.add(enter));
      for (const tell of this.watchers.get(gate) ?? []) tell();
      this.watchers.delete(gate);
    });
  }

  release(gate: string): void {
    this.open.add(gate);
    for (const enter of this.waiting.get(gate) ?? []) enter();
    this.waiting.delete(gate);
  }

  /** Resolves when a reply waits at the gate, or at once when one does. */
  held(gate: string): Promise<void> {
    if ((this.waiting.get(gate)?.size ?? 0) > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.watchers.set(gate, [...(this.watchers.get(gate) ?? []), resolve]);
    });
  }
}
