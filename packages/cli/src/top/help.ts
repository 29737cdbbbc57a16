/** What the keys of `skein top` do, and what its columns are, on a page. */
import { BOLD, CYAN, type Row, span } from '../chat/model/style.ts';
import { wrap } from '../chat/model/wrap.ts';

type Lines = readonly (readonly [string, string])[];

const KEYS: Lines = [
  ['↑ ↓ j k', 'choose; pgup pgdn g G go further'],
  ['enter', "open it: an agent's chat, or attach to a terminal; leaving that comes back here"],
  ['x', 'stop it, after a question'],
  ['/', 'show only what has all these words in it: a name, state, machine, person'],
  ['c m $ s n', 'sort by CPU, memory, cost, state, name; the same key again turns it round'],
  ['q, esc, ctrl-c', 'leave; everything goes on'],
];
const COLUMNS: Lines = [
  ['STATE', 'those that wait for a person come first; away: its machine does not answer'],
  ['CPU', 'of one core, of the program and all that it has started'],
  [
    'MEM',
    'of the same, its share of what it has in common with others; where that is not told, all that is resident',
  ],
  ['TURN', 'how long its turn has lasted'],
  ['Q ?', 'prompts that wait, and with ? the questions that wait for an answer'],
  ['COST IN/OUT', 'what its turns have cost and used in tokens, as its agent told'],
  ['WHO', 'whose terminals show it now'],
];

const WIDTH = 16;

export function helpRows(width: number): Row[] {
  const part = (title: string, lines: Lines): Row[] => [
    [],
    [span(` ${title}`, BOLD)],
    ...lines.flatMap(([name, text]) =>
      wrap([span(text)], Math.max(20, width - 1), {
        first: [span(`  ${name.padEnd(WIDTH)}`, CYAN)],
        rest: [span(' '.repeat(WIDTH + 2))],
      }),
    ),
  ];
  return [...part('Keys', KEYS), ...part('Columns', COLUMNS)];
}
