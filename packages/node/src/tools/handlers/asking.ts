/** The tool by which an agent asks the people of its session (rules N1, N4). */
import { SkeinError } from '@skein/protocol/errors';
import type { ToolHandlers } from './handler.ts';

export const askingHandlers: ToolHandlers<'ask'> = {
  async ask() {
    throw new SkeinError(
      'unknown_command',
      'Nobody can be asked yet. Decide for yourself, and say so in your report.',
    );
  },
};
