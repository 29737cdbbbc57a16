/** `skein transcript`: what was said and done, to be read elsewhere. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const transcript: CommandSpec = {
  name: 'transcript',
  summary: 'what agents were asked, said and did',
  details: `md goes well into an issue; jsonl is an object for each thing, in order: {type: turn | message | thought | tool |
approval | plan | note | fault | end | life, agent, turn, at, …}.`,
  args: [{ name: 'ref', summary: 'session or session/agent', required: true }],
  options: [
    { name: 'format', short: 'o', value: 'FORMAT', summary: 'md, text or jsonl (md; text in a terminal)' },
    { name: 'from', value: 'N', summary: 'only turns that began after event N, as skein events counts' },
    { name: 'agent', short: 'a', value: 'NAME', summary: 'of this agent alone, as session/agent' },
    { name: 'last', short: 'n', value: 'N', summary: 'the last N turns' },
    { name: 'full', summary: 'long output of tools whole, not only its beginning' },
    { name: 'thoughts', summary: 'thoughts too, in md and text' },
  ],
  examples: [
    ['skein transcript api', 'in this terminal'],
    ['skein transcript api -n 1 -o md | pbcopy', 'the last turn, for an issue'],
    ['skein transcript laptop:api/claude -o jsonl > api.jsonl', 'for programs'],
  ],
  json: 'as --format jsonl: one object a line.',
  load: () => import('./run.ts'),
};
