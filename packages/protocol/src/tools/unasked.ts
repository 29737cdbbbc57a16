/**
 * The tools that an agent may use without its people being asked each time (rule N1): those that look, those that are about the agent
 * itself, and those whose reach its capability bounds already, by depth, number and role, below itself alone. An agent so
 * started asks its own questions; no mode is chosen for it but its starter's own, else it has its definition's. What remains, typing into a terminal and landing, does what else would be asked about.
 */
import { TOOL_NAMES, type ToolName } from './tools.ts';

export const ASKED: readonly ToolName[] = ['type', 'land'];

export const UNASKED: readonly ToolName[] = TOOL_NAMES.filter((name) => !ASKED.includes(name));
