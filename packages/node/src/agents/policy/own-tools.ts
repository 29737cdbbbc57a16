/**
 * What is said to questions about Skein's own tools where no policy of the user's says anything (rules A5, N1): those that need not be
 * asked about are allowed, to agents that have a capability. It bounds them, so that a yes to each call would add nothing.
 */
import { UNASKED } from '@skein/protocol/tools/unasked';
import { ownToolName, TOOLS_NAME } from '../../drivers/tools.ts';
import type { Policy } from './decide.ts';

export const OWN_TOOLS_RULE = "Skein's tools";

export const OWN_TOOLS: Policy = {
  stricter: false,
  rules: [
    {
      answer: 'allow',
      // As Claude Code and Codex call them.
      when: { tool: UNASKED.flatMap((name) => [ownToolName(name), `${TOOLS_NAME}.${name}`]) },
      rule: OWN_TOOLS_RULE,
    },
  ],
};
