/** Shows on a terminal how far git has come while a workspace is made. */
import type { Client } from '@skein/protocol/client/client';
import { visible } from '@skein/protocol/text/words';

/** Milliseconds between two looks. */
const LOOK_MS = 250;
const CLEAR = '\r\x1b[K';

export interface Progress {
  /** Takes the line away, so that something else can be told. */
  pause(): void;
  stop(): void;
}

export function showProgress(client: Client, workspace: string): Progress {
  if (!process.stderr.isTTY) return { pause: () => {}, stop: () => {} };
  let shown = false;
  let stopped = false;
  const pause = () => {
    if (shown) process.stderr.write(CLEAR);
    shown = false;
  };
  const look = async () => {
    const { doing } = await client.ask('workspace', { workspace });
    if (stopped || doing === null) return;
    const width = Math.max(20, process.stderr.columns - 1);
    process.stderr.write(CLEAR + visible(doing).slice(0, width));
    shown = true;
  };
  // One that is gone, or a node that is, is told by whoever waits for it.
  const timer = setInterval(() => void look().catch(() => {}), LOOK_MS);
  return {
    pause,
    stop() {
      stopped = true;
      clearInterval(timer);
      pause();
    },
  };
}
