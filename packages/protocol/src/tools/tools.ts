/** All tools, by name, in the order in which they are offered (rule N1). */
import type * as z from 'zod';
import { directingTools } from './directing.ts';
import { lookingTools } from './looking.ts';
import type { Tool } from './tool.ts';
import { workingTools } from './working.ts';

export const TOOLS = { ...lookingTools, ...directingTools, ...workingTools };
export type ToolName = keyof typeof TOOLS;
/** As a call has it once it is checked; what it answers with. */
export type ToolInput<K extends ToolName> = z.infer<(typeof TOOLS)[K]['input']>;
export type ToolOutput<K extends ToolName> = z.infer<(typeof TOOLS)[K]['output']>;

export const TOOL_NAMES = Object.keys(TOOLS) as ToolName[];

export function toolNamed(name: string): Tool | undefined {
  return Object.hasOwn(TOOLS, name) ? (TOOLS[name as ToolName] as Tool) : undefined;
}
