/** For which later calls an answer for always holds (rule A5). Pure. */
import type { ToolKind } from '@skein/protocol/agents/events';
import type { Rule } from '@skein/protocol/agents/state';

/** Kinds of call that are all alike to whoever allows them for always; of others only the very same is. */
export const ALIKE: readonly ToolKind[] = ['read', 'edit', 'search', 'think'];

interface Call {
  tool: string | null;
  kind: ToolKind;
  title: string;
  same?: string | undefined;
}

/** Whether the rule answers this call of its agent's. */
export function holdsFor(rule: Rule, { tool, kind, title, same }: Call): boolean {
  if (rule.tool !== (tool ?? kind)) return false;
  if (rule.title === null) return ALIKE.includes(kind) && (rule.kind ?? kind) === kind;
  if (rule.same !== undefined) return rule.same === same;
  // Of before calls had digests: a title tells too little of one to allow by.
  return rule.answer === 'deny' && rule.title === title;
}
