/** Who did something with an agent, as people call them. */

export function whoText(by: unknown): string {
  const { kind, name } = (by ?? {}) as { kind?: unknown; name?: unknown };
  if (kind === 'member' && typeof name === 'string') return name;
  if (kind === 'owner') return 'you';
  return kind === 'node' ? 'the node' : 'the agent';
}
