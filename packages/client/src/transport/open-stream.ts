/** Opens a unix socket in the quickest way that this Node has. */
import type { ByteEvents, ByteStream } from './byte-stream.ts';
import { openNetStream } from './net-stream.ts';
import { openQuickStream } from './quick-stream.ts';

export function openStream(path: string, events: ByteEvents): ByteStream {
  return openQuickStream(path, events) ?? openNetStream(path, events);
}
