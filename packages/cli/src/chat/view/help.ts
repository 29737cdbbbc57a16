/** What the keys and commands do, on a page. */
import { OURS } from '../input/commands.ts';
import { BOLD, CYAN, DIM, type Row, span } from '../model/style.ts';
import { filled, wrap } from '../model/wrap.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['enter', 'send; while a turn runs the prompt waits in the queue'],
  ['alt-enter, ctrl-j, \\ enter', 'a new line (shift-enter where the terminal tells it)'],
  ['↑ ↓', 'lines of what you write; beyond them, your earlier prompts'],
  ['y a n d', 'answer a question: yes, always, no, never'],
  ['r v', 'no, with a reason; show all of what is asked'],
  ['alt-y …', 'the same while something is written'],
  ['ctrl-c', 'clear what is written; then end the turn; then leave'],
  ['ctrl-d', 'leave; the agents go on'],
  ['tab, shift-tab, alt-1 …', 'the next agent, the one before, one of them'],
  ['ctrl-s', 'agents side by side, or one at a time'],
  ['pgup pgdn, the wheel', 'scroll; ctrl-end goes back to what comes'],
  ['ctrl-o', 'unfold or fold all calls and thoughts'],
  ['ctrl-f', 'search'],
  ['esc', 'look around: ↑↓ or j k choose, enter unfolds, c copies, / searches, n N go on'],
  ['ctrl-l', 'draw the screen again'],
  ['ctrl-z', 'stop for now; fg comes back'],
];

export function helpRows(width: number): Row[] {
  const part = (title: string, lines: readonly (readonly [string, string])[]): Row[] => [
    [],
    [span(` ${title}`, BOLD)],
    ...lines.flatMap(([name, text]) =>
      wrap([span(text)], Math.max(20, width - 2), {
        first: [span(` ${filled(name, 27)}`, CYAN)],
        rest: [span(' '.repeat(28))],
      }),
    ),
  ];
  return [
    ...part('Keys', KEYS),
    ...part(
      'Commands',
      OURS.map(({ name, summary }) => [`/${name}`, summary] as const),
    ),
    [],
    [span(' Other commands are the agent’s own, and go to it as they are.', DIM)],
  ];
}
