/** What is asked of a node by who directs agents (rule N1): a tool is run. */
import type * as z from 'zod';
import { type ToolAnswer, toolCall } from './tool.ts';

export const toolAsks = {
  /**
   * Runs a tool: at `/agent` with the capability that was proved, else as the machine's user. What is wrong with the input, or
   * refused, is an answer; refused are only a tool that there is not, and who may call none.
   */
  tool: toolCall,
};

export interface ToolAsks {
  tool: { body: z.infer<typeof toolAsks.tool>; answer: ToolAnswer };
}
