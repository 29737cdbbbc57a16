/** What runs a tool: is given its checked input, and answers with words for a model and data for a program. */
import type { ToolInput, ToolName, ToolOutput } from '@skein/protocol/tools/tools';
import type { ToolRun } from '../tool-run.ts';

export type ToolHandlers<K extends ToolName = ToolName> = {
  [Name in K]: (input: ToolInput<Name>, run: ToolRun) => Promise<{ text: string; data: ToolOutput<Name> }>;
};
