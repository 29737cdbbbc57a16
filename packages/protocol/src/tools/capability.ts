/** What an agent may do with others: as it is wished for, and as it was given (rule N1). One definition for type and check. */
import * as z from 'zod';
import { lesser, ROLES } from '../members/roles.ts';
import { DIRECT_DEPTH, DIRECT_SPAWN, MAX_DIRECT_DEPTH, MAX_DIRECT_SPAWN } from './limits.ts';

const limits = {
  /** Levels below it that may be started: 1 lets it start agents that start none. */
  depth: z.int().min(0).max(MAX_DIRECT_DEPTH),
  /** Agents that may be alive at a time in all below it. */
  spawn: z.int().min(0).max(MAX_DIRECT_SPAWN),
  /** What it may do in its session, as a member of that role might; more only to those below it. */
  role: z.enum(ROLES),
  /** Whether it may answer what those below it ask. */
  approve: z.boolean(),
};

export const capability = z.object(limits);
export type Capability = z.infer<typeof capability>;

/** What is not said is as it is by default, or as whoever starts it has it; false: it directs nobody, and has no tools. */
export const directWish = z.union([z.literal(false), capability.partial()]);
export type DirectWish = z.infer<typeof directWish>;

/** Of an agent that a person has started. */
export const DEFAULT_CAPABILITY: Capability = {
  depth: DIRECT_DEPTH,
  spawn: DIRECT_SPAWN,
  role: 'operator',
  approve: false,
};

/**
 * Of one on another machine, whoever starts it. What it calls is done here and asked about there: that machine's word for what the agent
 * wants is all there is. So it looks, asks and reports, and directs others only where that is said.
 */
export const FAR_CAPABILITY: Capability = { depth: 0, spawn: 0, role: 'viewer', approve: false };

/** What an agent gets that a person starts; null for nothing. */
export function given(wish: DirectWish | undefined): Capability | null {
  return wish === false ? null : { ...DEFAULT_CAPABILITY, ...known(wish) };
}

/** What is wished for one on another machine. */
export function farWish(wish: DirectWish | undefined): DirectWish {
  return wish === false ? false : { ...FAR_CAPABILITY, ...known(wish) };
}

/** What an agent gets that another starts: never more than that one has, and a level less. */
export function handedOn(of: Capability, wish: DirectWish | undefined): Capability | null {
  return within({ ...of, depth: Math.max(0, of.depth - 1) }, wish);
}

/** So much of it as was wished for: of what is not said all. Null for nothing. */
export function within(of: Capability, wish: DirectWish | undefined): Capability | null {
  if (wish === false) return null;
  const { depth = of.depth, spawn = of.spawn, role = of.role, approve = of.approve } = wish ?? {};
  return {
    depth: Math.min(depth, of.depth),
    spawn: Math.min(spawn, of.spawn),
    role: lesser(role, of.role),
    approve: approve && of.approve,
  };
}

function known(wish: Exclude<DirectWish, false> | undefined): Partial<Capability> {
  return Object.fromEntries(Object.entries(wish ?? {}).filter(([, value]) => value !== undefined));
}
