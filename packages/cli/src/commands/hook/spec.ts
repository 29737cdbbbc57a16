/** `skein hook`: what a program's own hooks tell of it. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const hook: CommandSpec = {
  name: 'hook',
  summary: "report what an agent's own hook tells (for its settings, not for people)",
  details: `Reads what the agent tells its hook, a JSON object, and reports it as the event of that name of Claude Code's:
SessionStart, UserPromptSubmit, PreToolUse, PermissionRequest, PostToolUse, Stop, …
Only within skein run --pty, which sets up Claude Code's hooks by itself; elsewhere it does nothing. It always ends
with status 0, so that the agent goes on as without it.`,
  args: [{ name: 'event', summary: "the hook's name", required: true }],
  options: [
    { name: 'wait', short: 'w', summary: "wait for people's answer, and print what the agent is to be told" },
  ],
  examples: [
    ['skein hook Stop', 'a turn has ended'],
    ['skein hook PermissionRequest --wait', 'ask, wherever the people are'],
  ],
  json: "nothing: only the agent's answer is ever printed, with --wait.",
  load: () => import('./run.ts'),
};
