/** Shows on a terminal how far git has come while a workspace is made. */
import type { Client } from '@skein/protocol/client/client';
import { visible } from '@skein/protocol/text/words';

/** Milliseconds between two looks. */
const LOOK_MS = 250;
const CLEAR = '\r\x1b[K';
/** Of a terminal that does not tell. */
const COLUMNS = 80;

export interface Progress {
  /** Takes the line away, so that something else can be told. */
  pause(): void;
  stop(): void;
}

export function showProgress(client: Client, workspace: string): Progress {
  if (!process.stderr.isTTY) return { pause: () => {}, stop: () => {} };
  let shown = '';
  let stopped = false;
  const pause = () => {
    if (shown !== '') process.stderr.write(CLEAR);
    shown = '';
  };
  const look = async () => {
    const { doing } = await client.ask('workspace', { workspace });
    if (stopped || doing === null) return;
    const line = visible(doing).slice(0, (process.stderr.columns || COLUMNS) - 1);
    if (line === shown) return;
    process.stderr.write(CLEAR + line);
    shown = line;
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
