/** The typed errors that cross every boundary: a stable code, a sentence for a person, data for a program (rule K5). */

/**
 * Every code, with the exit status that the CLI gives it: 1 refused or failed, 2 bad usage, 3 no such thing,
 * 4 node not reachable, 5 not allowed.
 */
export const ERROR_CODES = {
  // The request itself.
  bad_request: 2,
  bad_frame: 1,
  frame_too_large: 1,
  unsupported_version: 1,
  unknown_command: 2,
  not_found: 3,
  ambiguous: 3,
  not_allowed: 5,
  // Commands and receipts.
  id_reused: 1,
  receipt_expired: 1,
  mailbox_full: 1,
  storage_unavailable: 1,
  too_large: 1,
  // Cursors (L4).
  cursor_before_retained: 1,
  cursor_past_head: 1,
  cursor_wrong_epoch: 1,
  // Sessions and programs.
  name_taken: 1,
  bad_name: 2,
  bad_size: 2,
  bad_cwd: 1,
  program_not_found: 1,
  start_failed: 1,
  not_running: 1,
  not_a_terminal: 2,
  still_running: 1,
  gone: 1,
  // Tickets and members.
  ticket_malformed: 2,
  ticket_mistyped: 2,
  ticket_cut: 2,
  ticket_newer: 2,
  ticket_expired: 5,
  ticket_used: 5,
  ticket_invalid: 5,
  device_revoked: 5,
  // The node and its home.
  node_unreachable: 4,
  start_timeout: 4,
  already_running: 1,
  path_too_long: 1,
  home_unsafe: 5,
  database_newer: 1,
  log_damaged: 1,
  host_lost: 1,
  host_unavailable: 1,
  right_invalid: 5,
  right_expired: 5,
  // Identity and peers.
  identity_unsafe: 5,
  bad_address: 2,
  mesh_off: 4,
  peer_unreachable: 4,
  peer_lost: 4,
  peer_cut: 1,
  peer_closed: 1,
  moved: 1,
  // Relays.
  bad_peer_id: 2,
  bad_relay_address: 2,
  relay_changed: 5,
  signature_invalid: 5,
  clock_skewed: 1,
  not_admitted: 5,
  replaced: 1,
  peer_not_registered: 4,
  declined: 5,
  token_invalid: 5,
  quota_exceeded: 1,
  relay_full: 1,
  relay_leaving: 1,
  // Agents and their drivers.
  agent_not_ready: 1,
  agent_not_protocol: 1,
  agent_line_too_long: 1,
  agent_unintelligible: 1,
  agent_bad_message: 1,
  agent_request_failed: 1,
  agent_start_failed: 1,
  no_terminal: 1,
  agent_missing: 1,
  definition_invalid: 2,
  not_trusted: 5,
  already_answered: 1,
  upload_gone: 1,
  turn_running: 1,
  no_turn: 1,
  output_gap: 1,
  driver_mismatch: 1,
  driver_lost: 1,
  // Agents on other machines, and agents that direct others.
  not_granted: 5,
  lease_lost: 1,
  out_of_order: 1,
  home_away: 4,
  limit_reached: 5,
  check_failed: 1,
  // Workspaces.
  git_missing: 1,
  git_failed: 1,
  not_a_repository: 1,
  work_left: 1,
  landing_stopped: 1,
  claimed: 1,
  claim_missing: 1,
  deadlock: 1,
  hook_failed: 1,
  not_ready: 1,
  watch_off: 1,
  sandbox_unavailable: 1,
  timeout: 1,
  internal: 1,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Refusals of a command that may be accepted a moment later: they have no receipts (K2). */
export const FOR_NOW: readonly ErrorCode[] = ['storage_unavailable', 'mailbox_full'];

/**
 * A connection that was lost, or could not be had, for reasons that may pass: trying again may mend it, or be told what
 * was decided. A far end's streams may break off before it has said a word, so all of them come instead of a welcome too.
 */
export const PASSING: readonly ErrorCode[] = [
  'node_unreachable',
  'peer_unreachable',
  'peer_lost',
  'peer_cut',
  'peer_closed',
  'moved',
];

/** What a system says of a disk that takes nothing more, in words. */
const DISK_WORDS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk does not answer',
};

/** What to do about a disk that is not full. */
export const DISK_ADVICE = {
  EROFS: 'Mount it for writing, then try again. Where the system has made it read-only, dmesg says why.',
  EIO: 'Look at the disk: dmesg says what is wrong with it.',
} as const;

/** An error as it travels: `data` is JSON-safe and says what a program needs to go on. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  data?: Record<string, unknown>;
}

/** A refusal or failure with a stable code. `message` is one sentence that a person can act on. */
export class SkeinError extends Error {
  override readonly name = 'SkeinError';
  readonly code: ErrorCode;
  readonly data: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, data?: Record<string, unknown>) {
    super(message);
    this.code = code;
    this.data = data;
  }

  toBody(): ErrorBody {
    return this.data === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, data: this.data };
  }

  /** Rebuilds an error that arrived from elsewhere; an unknown code becomes `internal`, its name kept in data. */
  static fromBody(body: ErrorBody): SkeinError {
    if (Object.hasOwn(ERROR_CODES, body.code)) return new SkeinError(body.code, body.message, body.data);
    return new SkeinError('internal', body.message, { ...body.data, code: body.code });
  }

  /** Any thrown value as a SkeinError. One that another bundle has thrown is of another class by the same name. */
  static from(thrown: unknown): SkeinError {
    if (thrown instanceof SkeinError) return thrown;
    if (thrown instanceof Error && thrown.name === 'SkeinError' && 'code' in thrown)
      return SkeinError.fromBody(thrown as Error & ErrorBody);
    const disk = ofDisk(thrown);
    if (disk !== undefined) return disk;
    return new SkeinError('internal', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function ofDisk(thrown: unknown): SkeinError | undefined {
  if (!(thrown instanceof Error && 'code' in thrown)) return undefined;
  const code = String(thrown.code);
  // Without a path it may be a terminal that is gone.
  if (code === 'EIO' && !('path' in thrown)) return undefined;
  const words = DISK_WORDS[code];
  if (words === undefined) return undefined;
  const advice = code === 'EROFS' || code === 'EIO' ? DISK_ADVICE[code] : undefined;
  const data = advice === undefined ? undefined : { advice };
  return new SkeinError('storage_unavailable', `Nothing can be written: ${words}.`, data);
}
