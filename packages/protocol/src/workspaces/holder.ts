/** Who holds a claim, and how strongly Skein holds an agent to the claims of others (rules W1, W4). */
import * as z from 'zod';

const id = z.string().min(1).max(64);
const name = z.string().max(256);

export const holder = z.union([
  /** A run: the claim ends with it. `agent` is null for a terminal's program; `name` is what people call it. */
  z.object({ kind: z.literal('run'), run: id, session: id, agent: id.nullable(), name }),
  /** A person: the machine's user (`member` null), or a member of a session. */
  z.object({ kind: z.literal('person'), member: id.nullable(), name }),
]);
export type Holder = z.infer<typeof holder>;

/**
 * `enforced`: what it writes it can write only through Skein, or not at all. `guarded`: it asks before it writes, and is known to
 * keep to the answer. `watched`: what it writes is seen afterwards.
 */
export const STRENGTHS = ['enforced', 'guarded', 'watched'] as const;
/** Of what an agent does with its own tools for files, and of what it lets a shell do. */
export const strength = z.object({ files: z.enum(STRENGTHS), shell: z.enum(STRENGTHS) });
export type Strength = z.infer<typeof strength>;

export function sameStrength(a: Strength, b: Strength): boolean {
  return a.files === b.files && a.shell === b.shell;
}

/** A sandbox lets it write what it had claimed when it began, for as long as it lives, whatever becomes of the claim. */
export function isSandboxed({ shell }: Strength): boolean {
  return shell === 'enforced';
}

/** What it writes passes the node, which holds it to its fence: what it held may be another's at once. */
export function isFenced(strength: Strength): boolean {
  return strength.files === 'enforced' && !isSandboxed(strength);
}

export function sameHolder(a: Holder, b: Holder): boolean {
  if (a.kind === 'run') return b.kind === 'run' && a.run === b.run;
  return b.kind === 'person' && a.member === b.member;
}
