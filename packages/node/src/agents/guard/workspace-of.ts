/** The workspace that an agent works in. */
import type { AgentState } from '@skein/protocol/agents/state';

export interface InWorkspace {
  id: string;
  name: string;
  root: string;
}

export function workspaceOf(agent: AgentState): InWorkspace | null {
  return (agent as { workspace?: InWorkspace | null }).workspace ?? null;
}
