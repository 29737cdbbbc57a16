/** The commands that change sessions: their bodies and replies (zod). Targets are `node` and `session/<id>` (rule K1). */
import * as z from 'zod';
import { agentCommands, agentSpec } from '../agents/commands.ts';
import { composeLabel } from '../compose/label.ts';
import { identifier } from '../identifier.ts';
import {
  MAX_JOURNAL_BYTES,
  MAX_NAME,
  MAX_SIZE,
  MAX_TICKET_MS,
  MAX_TICKET_USES,
  MIN_COLS,
  MIN_JOURNAL_BYTES,
  MIN_ROWS,
} from '../limits.ts';
import { hostedCommands, leaseCommands } from '../machines/commands.ts';
import { givenName } from '../members/names.ts';
import { HISTORIES, ROLES } from '../members/roles.ts';
import type { PeerCommands } from '../peers/commands.ts';
import { questionCommands } from '../questions/commands.ts';
import { directory, word } from '../system-text.ts';
import { taskCommands } from '../tasks/commands.ts';
import { toolCommands } from '../tools/commands.ts';
import { type WorkspaceCommands, workspaceNodeCommands } from '../workspaces/commands.ts';
import { sandboxClaim } from '../workspaces/placed.ts';
import { SIGNALS } from './signals.ts';

/** A session's name: a letter or digit first, then letters, digits, `.`, `_`, `-`. */
export const sessionName = z
  .string()
  .max(MAX_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u);
export const columns = z.int().min(MIN_COLS).max(MAX_SIZE);
export const rows = z.int().min(MIN_ROWS).max(MAX_SIZE);

const history = z.enum(HISTORIES);
const role = z.enum(ROLES);
/** A member, a device or a ticket as a client names it: one that is not there is told as that. */
const known = z.string().min(1).max(64);

/** Commands to the node. */
export const nodeCommands = {
  /** Creates a session and starts its program. The environment is handed over separately: it never enters the log. */
  'session.create': z.object({
    id: identifier,
    run: identifier,
    name: sessionName.optional(),
    argv: z.array(word).min(1).max(4096),
    cwd: directory,
    cols: columns,
    rows,
    /** Bytes of its output that are kept, before the oldest go; by default 64 MiB (H2). */
    keep: z.int().min(MIN_JOURNAL_BYTES).max(MAX_JOURNAL_BYTES).optional(),
    /** Handle of an environment given by the ask `env`. */
    env: z.string().max(64).optional(),
    /** The workspace that it works in; `cwd` lies there, relative to its root unless it begins with `/`. */
    workspace: identifier.optional(),
    /** It runs in a sandbox, where of its workspace it can write only what it claims, by this claim (W4). */
    sandbox: sandboxClaim.optional(),
    compose: composeLabel.optional(),
  }),
  /** Creates a session that begins with an agent and without a program. */
  'session.open': z.object({
    id: identifier,
    name: sessionName.optional(),
    cwd: directory,
    agent: agentSpec,
    compose: composeLabel.optional(),
  }),
  'session.rename': z.object({ id: z.string(), name: sessionName }),
  /** Forgets an ended session. With `purge` its events, output and receipts are removed from the disk as well. */
  'session.remove': z.object({ id: z.string(), purge: z.boolean() }),
  ...workspaceNodeCommands,
  ...hostedCommands,
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
    role,
    /** Milliseconds from now. */
    lifetime: z.int().min(1_000).max(MAX_TICKET_MS),
    uses: z.int().min(1).max(MAX_TICKET_USES).default(1),
    history: history.default('from-join'),
    member: known.optional(),
  }),
  'ticket.withdraw': z.object({ ticket: known }),
  /** Makes the device that says so a member's; what it is called is its own to choose, within reason. */
  'ticket.redeem': z.object({
    /** The ticket's 128 bits, in hex. */
    secret: z.string().regex(/^[0-9a-f]{32}$/),
    name: givenName,
    deviceName: givenName,
  }),
  'member.role': z.object({ member: known, role }),
  /** Shuts out a member, or one device of theirs. It can not be undone: who is to come back needs another device. */
  'member.revoke': z.object({
    member: known,
    device: known.optional(),
  }),
  ...agentCommands,
  ...leaseCommands,
  ...toolCommands,
  ...taskCommands,
  ...questionCommands,
};
export type SessionCommands = { [K in keyof typeof sessionCommands]: z.infer<(typeof sessionCommands)[K]> };

export type Commands = NodeCommands & SessionCommands & WorkspaceCommands & PeerCommands;

/** The replies to the commands of admission. Those of another node are checked by this before they are believed. */
export const memberReplies = {
  'ticket.make': z.object({
    ticket: identifier,
    session: identifier,
    name: sessionName,
    role,
    /** Milliseconds since 1970. */
    expires: z.int(),
    uses: z.int(),
    history,
    member: identifier.optional(),
  }),
  'ticket.withdraw': z.object({ ticket: identifier }),
  /** `name` is the session's, `as` what the member is called in it: made unique, if the name was taken. */
  'ticket.redeem': z.object({
    session: identifier,
    name: sessionName,
    member: identifier,
    as: givenName,
    role,
    history,
    device: z.string().max(64),
  }),
  'member.role': z.object({ member: identifier, name: givenName, role }),
  /** The devices that were shut out. */
  'member.revoke': z.object({ member: identifier, name: givenName, devices: z.array(z.string().max(64)) }),
};
export type MemberReplies = { [K in keyof typeof memberReplies]: z.infer<(typeof memberReplies)[K]> };
