/** The commands that change sessions: their bodies (zod) and replies. Targets are `node` and `session:<id>` (rule K1). */
import * as z from 'zod';
import { MAX_NAME, MAX_SIZE, MAX_TICKET_MS, MAX_TICKET_USES, MIN_COLS, MIN_ROWS } from '../limits.ts';
import { givenName } from '../members/names.ts';
import { ROLES, type Role } from '../members/roles.ts';
import type { PeerCommands } from '../peers/commands.ts';
import { SIGNALS } from './signals.ts';

/** A session's name: a letter or digit first, then letters, digits, `.`, `_`, `-`. */
export const sessionName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
export const columns = z.int().min(MIN_COLS).max(MAX_SIZE);
export const rows = z.int().min(MIN_ROWS).max(MAX_SIZE);

const argument = z
  .string()
  .max(128 * 1024)
  .refine((s) => !s.includes('\0'), 'must not contain NUL');

const identifier = z.string().regex(/^[a-z2-7]{12}$/);

/** Commands to the node. */
export const nodeCommands = {
  /** Creates a session and starts its program. The environment is handed over separately: it never enters the log. */
  'session.create': z.object({
    id: identifier,
    run: identifier,
    name: sessionName.optional(),
    argv: z.array(argument).min(1).max(4096),
    cwd: z.string().min(1).max(4096),
    cols: columns,
    rows,
    /** Handle of an environment given by the ask `env`. */
    env: z.string().max(64).optional(),
  }),
  'session.rename': z.object({ id: z.string(), name: sessionName }),
  /** Forgets an ended session. With `purge` its events, output and receipts are removed from the disk as well. */
  'session.remove': z.object({ id: z.string(), purge: z.boolean() }),
};
export type NodeCommands = { [K in keyof typeof nodeCommands]: z.infer<(typeof nodeCommands)[K]> };

/** Commands to a session. */
export const sessionCommands = {
  /** Sends a signal to the program's process group; with `grace` (ms) SIGKILL follows if it still runs by then. */
  'run.signal': z.object({
    signal: z.enum(SIGNALS),
    grace: z.int().min(0).max(600_000).optional(),
  }),
  /**
   * Makes an invitation (M3). The caller makes its secret and keeps it: only `hash`, its SHA-256 in hex, is sent. With
   * `member` it is for a further device of that member, with at most the member's role.
   */
  'ticket.make': z.object({
    ticket: identifier,
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    role: z.enum(ROLES),
    /** Milliseconds from now. */
    lifetime: z.int().min(1_000).max(MAX_TICKET_MS),
    uses: z.int().min(1).max(MAX_TICKET_USES).default(1),
    history: z.enum(['all', 'from-join']).default('from-join'),
    member: z.string().min(1).max(64).optional(),
  }),
  'ticket.withdraw': z.object({ ticket: z.string().min(1).max(64) }),
  /** Makes the device that says so a member's; what it is called is its own to choose, within reason. */
  'ticket.redeem': z.object({
    /** The ticket's 128 bits, in hex. */
    secret: z.string().regex(/^[0-9a-f]{32}$/),
    name: givenName,
    deviceName: givenName,
  }),
  'member.role': z.object({ member: z.string().min(1).max(64), role: z.enum(ROLES) }),
  /** Shuts out a member, or one device of theirs. It can not be undone: who is to come back needs another device. */
  'member.revoke': z.object({
    member: z.string().min(1).max(64),
    device: z.string().min(1).max(64).optional(),
  }),
};
export type SessionCommands = { [K in keyof typeof sessionCommands]: z.infer<(typeof sessionCommands)[K]> };

export type Commands = NodeCommands & SessionCommands & PeerCommands;

/** The replies to the commands of admission. */
export interface MemberReplies {
  'ticket.make': {
    ticket: string;
    session: string;
    name: string;
    role: Role;
    /** Milliseconds since 1970. */
    expires: number;
    uses: number;
    history: 'all' | 'from-join';
    member?: string;
  };
  'ticket.withdraw': { ticket: string };
  /** `name` is the session's, `as` what the member is called in it: made unique, if the name was taken. */
  'ticket.redeem': {
    session: string;
    name: string;
    member: string;
    as: string;
    role: Role;
    history: 'all' | 'from-join';
    device: string;
  };
  'member.role': { member: string; name: string; role: Role };
  /** The devices that were shut out. */
  'member.revoke': { member: string; name: string; devices: string[] };
}
