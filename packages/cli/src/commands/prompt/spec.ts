/** `skein prompt`: says something to an agent. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const prompt: CommandSpec = {
  name: 'prompt',
  summary: 'say something to an agent; its turn comes when those before it have ended',
  details: `With --wait the reply is printed as it comes, and questions on stderr with how to answer them. C-c then
cancels the turn, and leaves at once when pressed again.
Exit status with --wait:  0 done, 1 refused, failed or lost, 130 cancelled.`,
  args: [
    {
      name: 'ref',
      summary: 'session or session/agent; a session with one agent needs no more',
      required: true,
    },
    { name: 'text', summary: 'what to say; - reads it from stdin' },
  ],
  options: [
    { name: 'wait', short: 'w', summary: 'print the reply, and end with its turn' },
    {
      name: 'file',
      short: 'f',
      value: 'PATH',
      many: true,
      summary: 'a file for it to read itself; repeatable',
    },
    { name: 'image', short: 'i', value: 'PATH', many: true, summary: 'a picture to show it; repeatable' },
  ],
  examples: [
    ["skein prompt api 'fix the failing test'", 'goes to the end of its queue'],
    ["skein prompt -w api/claude 'what does main.ts do?'", 'and print what it answers'],
    ['git diff | skein prompt -w api -', 'say what a command prints'],
    ["skein prompt laptop:api -i shot.png 'this looks wrong'", 'to an agent on another machine'],
  ],
  json: `{session, agent, name, prompt, before}: before: prompts that come first, the running one included.
  With --wait its events, one a line, as skein events --json tells them.`,
  load: () => import('./run.ts'),
};
