/** `skein export`: a session as a file. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const exportSpec: CommandSpec = {
  name: 'export',
  summary: 'print a session as a record to keep',
  details: `jsonl: its events and its output, one object a line.
text: its output as plain text, with what was overwritten or moved over gone, as one reads it on paper.`,
  args: [{ name: 'ref', summary: 'id, name, or the beginning of either', required: true }],
  options: [{ name: 'format', value: 'FORMAT', summary: 'jsonl (the default) or text' }],
  examples: [
    ['skein export build > build.jsonl', 'everything'],
    ['skein export build --format text > build.txt', 'what it printed'],
  ],
  json: `with jsonl one object a line, --json or not: {kind: "event", stream, epoch, offset, at, type, by, body},
  {kind: "output", offset, bytes, text, data?}, {kind: "gap", from, to}; with text {id, text}.
  data: the bytes in base64, where they are not text.`,
  load: () => import('./run.ts'),
};
