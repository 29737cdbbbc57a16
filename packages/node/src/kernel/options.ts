/** How a kernel is opened, and what it tells of its health: damage that was found, and counts. */

/** What was wrong with a stream and what was kept of it: events 1 … `kept`. */
export interface Damage {
  stream: string;
  oldEpoch: number;
  epoch: number;
  kept: number;
  /** Events known to be lost: from the last known head; at least this many. */
  lost: number;
}

export interface DamageReport {
  /** One sentence for the owner. */
  reason: string;
  streams: Damage[];
  /** Where the damaged files were put, if they were. */
  aside: string[];
}

export interface KernelOptions {
  /** The log's own directory; made 0700. */
  dir: string;
  /** Milliseconds since 1970; Date.now unless given. */
  now?: () => number;
  onDamage?: (report: DamageReport) => void;
  log?: (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void;
  /** Events of an actor between two snapshots; 1,000 unless given. */
  snapshotEvery?: number;
}

export interface KernelStats {
  /** Bytes of the database, its WAL and the anchors. */
  bytes: number;
  streams: number;
  actors: number;
  subscriptions: number;
  /** Commands accepted and not yet answered. */
  pending: number;
  effectsPending: number;
  /** Purges under way, those of an earlier process included. */
  removing: number;
  /** Since the kernel opened. */
  eventsCommitted: number;
  batches: number;
  batchesFailed: number;
}
