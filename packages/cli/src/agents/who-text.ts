/** Who did something with an agent, as people call them. */
import { ownerCalled } from '../output/owner.ts';

export function whoText(by: unknown): string {
  const { kind, name } = (by ?? {}) as { kind?: unknown; name?: unknown };
  if (kind === 'member' && typeof name === 'string') return name;
  if (kind === 'owner') return ownerCalled();
  return kind === 'node' ? 'the node' : 'the agent';
}
