/** `skein chat`: the agents of a session, to talk with. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const chat: CommandSpec = {
  name: 'chat',
  summary: 'talk with the agents of a session',
  details: `What they say and do, what they ask, and a line to write to them; /help tells the keys.
Leaving it (C-d) ends nothing: the agents go on. Without a terminal the conversation is printed
as it goes on, and every line that is read is a prompt.`,
  args: [
    { name: 'ref', summary: 'session, session/agent or node:session; the newest with agents by default' },
  ],
  options: [{ name: 'plain', summary: 'as without a terminal: text out, lines in' }],
  examples: [
    ['skein chat', 'the newest session that has agents'],
    ['skein chat api', 'the agents of api'],
    ['skein chat api/codex', 'one of them'],
    ['skein chat laptop:api', 'on another machine'],
    ["echo 'Say hello.' | skein chat api", 'a prompt from a script, and what came of it'],
  ],
  json: 'one event a line: {offset, at, type, by, body}. at: ms since 1970.',
  load: () => import('./run.ts'),
};
