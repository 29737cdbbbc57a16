/** `skein rules`: answers that were given for always. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const rules: CommandSpec = {
  name: 'rules',
  summary: "answers to a session's agents that were given for always; take one back",
  details: `They come from approve --always and deny --always, and hold for that agent in that session. Policies in files come
before them: a policy's no stays one.`,
  args: [
    { name: 'session', summary: 'id, name, or the beginning of either', required: true },
    { name: 'action', summary: 'show (the default) or rm' },
    { name: 'rule', summary: 'the beginning of its id' },
  ],
  options: [],
  examples: [
    ['skein rules api', 'what is answered without asking'],
    ['skein rules api rm abcd', 'ask again'],
  ],
  json: '[{rule, agent, answer, tool, title, by}]: title: null for whatever the tool is to do. With rm {rule}.',
  load: () => import('./run.ts'),
};
