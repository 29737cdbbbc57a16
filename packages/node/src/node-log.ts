/** The node's own log: NDJSON by pino in `logs/node.log`, rotated by size, the last few kept. */
import fs from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { FILE_MODE, makeDir } from './platform/files.ts';

const MAX_BYTES = 5 * 1024 * 1024;
const KEEP = 4;

export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;

interface NodeLog {
  log: Log;
  /** Writes what is buffered and closes. */
  close(): void;
}

export function openLog(home: string): NodeLog {
  const dir = path.join(home, 'logs');
  makeDir(dir);
  const file = path.join(dir, 'node.log');
  // Written at once: the last lines before a kill -9 are the ones that are wanted.
  const destination = pino.destination({ dest: file, sync: true, mode: FILE_MODE });
  const logger = pino({ base: { pid: process.pid } }, destination);
  let size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  destination.on('write', (bytes: number) => {
    size += bytes;
    if (size < MAX_BYTES) return;
    rotate(file);
    destination.reopen();
    size = 0;
  });
  // A full disk must not end the node for want of a log line.
  destination.on('error', () => {});
  return {
    log: (level, message, data) => {
      try {
        logger[level](data ?? {}, message);
      } catch {
        // As above: sync writes throw.
      }
    },
    close: () => {
      try {
        destination.end();
      } catch {
        // Nothing more can be done for it.
      }
    },
  };
}

/** node.log → node.log.1 → … → gone. */
function rotate(file: string): void {
  for (let i = KEEP; i >= 1; i--) {
    const from = i === 1 ? file : `${file}.${i - 1}`;
    if (fs.existsSync(from)) fs.renameSync(from, `${file}.${i}`);
  }
}
