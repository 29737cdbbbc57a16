/** The rows of agents that direct others in the table of roles (rules M2, N1). */
import type { Need, Role } from '../members/roles.ts';
import type { ToolAsks } from './asks.ts';
import type { ToolCommands } from './commands.ts';
import type { ToolEvents } from './events.ts';

/** As the machine's user; agents come by a way of their own, with their capability. */
export const TOOL_ASK_NEEDS: Record<keyof ToolAsks, Need> = { tool: 'node-owner' };

/** By agents alone, of themselves. */
export const TOOL_COMMAND_NEEDS: Record<keyof ToolCommands, Need> = { 'agent.report': 'node-owner' };

export const TOOL_EVENT_NEEDS: Record<keyof ToolEvents, Role> = {
  'limit.reached': 'viewer',
  'agent.reported': 'viewer',
  'reports.seen': 'viewer',
};
