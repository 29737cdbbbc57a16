/** Makes a long history at once: events appended to a session's stream while the node is down, as it would chain them. */
import { readdirSync } from 'node:fs';
import { packSizes } from '@skein/node/kernel/log/chain';
import { readHeads } from '@skein/node/kernel/log/heads';
import { openWriter } from '@skein/node/kernel/log/schema';
import type { Batch } from '@skein/node/kernel/wire';
import { Committer } from '@skein/node/kernel/worker/commit';
import { pack } from '@skein/protocol/codec';
import { sampleEvent } from './bare-log.ts';
import type { Skein } from './skein.ts';

/** Events in one chunk, which is one transaction. */
const CHUNK = 512;

/** Makes sure that a session's stream holds at least `events`; the node is stopped and started for it. */
export async function seedSession(
  product: Skein,
  name: string,
  events: number,
  event: object = sampleEvent(0),
): Promise<{ stream: string; head: number }> {
  const listed: { id: string; name: string }[] = JSON.parse(await product.cli('ls', '--json'));
  const id = listed.find((one) => one.name === name)?.id;
  if (id === undefined) throw new Error(`there is no session ${name}`);
  await product.cli('down');
  const seeded = append(logDirectory(product.home), id, events, pack(event));
  await product.cli('up');
  return seeded;
}

function logDirectory(home: string): string {
  const found = readdirSync(home, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.name === 'log.db',
  );
  if (found === undefined) throw new Error(`there is no log below ${home}`);
  return found.parentPath;
}

function append(
  dir: string,
  id: string,
  events: number,
  event: Uint8Array,
): { stream: string; head: number } {
  const db = openWriter(dir);
  try {
    // Whole once it is done; until then nobody relies on it.
    db.pragma('synchronous = OFF');
    const heads = readHeads(db);
    const start = [...heads.values()].find((head) => head.name.endsWith(id));
    if (start === undefined) throw new Error(`there is no stream of ${id}`);
    const committer = new Committer(db, dir, heads);
    const sizes = packSizes(new Array(CHUNK).fill(event.length));
    const data = Buffer.concat(new Array(CHUNK).fill(event));
    let head = start.offset;
    for (; head < events; head += CHUNK) {
      const chunk: Batch['chunks'][number] = [start.number, start.name, start.epoch, head + 1, sizes, data];
      committer.apply({ ...NOTHING, now: Date.now(), chunks: [chunk] });
    }
    db.pragma('wal_checkpoint(TRUNCATE)');
    return { stream: start.name, head };
  } finally {
    db.close();
  }
}

const NOTHING = {
  chunks: [],
  clients: [],
  receipts: [],
  effects: [],
  effectsDone: [],
  snapshots: [],
  blobs: [],
  cells: [],
};
