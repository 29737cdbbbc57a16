/** `skein output`: what a program printed, byte by byte. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const output: CommandSpec = {
  name: 'output',
  summary: 'print what a program printed, as raw bytes',
  details: `Following a session of another node goes on where it was when that can be reached again.
On a terminal, sequences that would make it answer, ring or write its clipboard are left out.
What is not kept any more is told on stderr.`,
  args: [{ name: 'ref', summary: 'id, name, or the beginning of either', required: true }],
  options: [
    { name: 'from', value: 'N', summary: 'from byte N on (0)' },
    { name: 'follow', short: 'f', summary: 'go on until the program ends' },
  ],
  examples: [
    ['skein output build > build.log', 'all that is kept'],
    ['skein output build -f', 'as it comes'],
    ['skein output build --from 4096 | xxd | head', 'from a place on'],
  ],
  json: `{id, from, data, to, gaps: [{from, to}]}: data in base64, written as it is read. One that breaks off ends at to.
  With --follow one object a line: {offset, data} or {gap: {from, to}}.`,
  load: () => import('./run.ts'),
};
