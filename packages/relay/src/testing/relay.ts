/** A relay in this process, on a free port, with a key of its own; gone when the test is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Relay, type RelayOptions, startRelay } from '../relay.ts';

export interface TestRelay extends Relay {
  /** A directory of its own, which goes with it. */
  dir: string;
  end(): Promise<void>;
}

export async function testRelay(options: Partial<RelayOptions> = {}): Promise<TestRelay> {
  const dir = mkdtempSync(join(tmpdir(), 'sk-relay-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const relay = await startRelay({
    port: 0,
    keyFile: join(dir, 'key'),
    log: pino({ level: 'silent' }),
    ...options,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const end = async () => {
    await relay.stop(0);
    remove();
  };
  return { ...relay, dir, end };
}
