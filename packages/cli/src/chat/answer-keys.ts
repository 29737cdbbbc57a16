/** The keys that answer a question of an agent: only while nothing is being written, and not before it could be read. */

import type { OptionKind } from '@skein/protocol/agents/events';
import type { Approval } from '@skein/protocol/agents/state';
import type { KeyEvent } from './input/decode.ts';
import type { Doing } from './keys.ts';
import type { ChatState } from './state.ts';

export interface AnswerKey {
  key: string;
  label: string;
  answer: 'allow' | 'deny' | { option: string };
  always: boolean;
}

const KEYS: Record<OptionKind, string> = {
  allow_once: 'y',
  allow_always: 'a',
  deny_once: 'n',
  deny_always: 'd',
};
/** What can be answered whatever the agent offers: `always` is then a rule of the session. */
const OURS: readonly AnswerKey[] = [
  { key: 'y', label: 'yes', answer: 'allow', always: false },
  { key: 'a', label: 'always', answer: 'allow', always: true },
  { key: 'n', label: 'no', answer: 'deny', always: false },
  { key: 'd', label: 'never', answer: 'deny', always: true },
];

/** The answers to a question: ours, and what the agent offers beyond them under digits. */
export function answersTo({ options }: Pick<Approval, 'options'>): AnswerKey[] {
  const taken = new Set<string>();
  const more = options.filter(({ kind }) => {
    const first = !taken.has(KEYS[kind]);
    taken.add(KEYS[kind]);
    return !first;
  });
  return [
    ...OURS,
    ...more.slice(0, 9).map(({ id, label }, i) => ({
      ...{ key: String(i + 1), label, answer: { option: id }, always: false },
    })),
  ];
}

/** Whether the key was an answer, or one that came too early to be one. */
export function answerKey(state: ChatState, event: KeyEvent, doing: Pick<Doing, 'now' | 'answer'>): boolean {
  const { question } = state;
  if (question === undefined || state.tooLow || !state.may('approver')) return false;
  const held = event.type === 'key' && event.alt && !event.ctrl;
  const letter = event.type === 'text' ? event.text : held ? event.name : '';
  if (letter === '' || (!held && state.editor.text !== '')) return false;
  const answer = answersTo(question).find(({ key }) => key === letter.toLowerCase());
  const other = letter === 'v' || letter === 'r';
  if (answer === undefined && !other) return false;
  if (held && !state.isSeen) return true;
  if (!held && state.unarmed(doing.now()) > 0) {
    // Somebody who was typing goes on; a key that came a moment too early is pressed again.
    if (state.typedAt > (state.shown?.since ?? 0) - 2_000 && state.may('operator')) return false;
    return true;
  }
  if (letter === 'v') state.approvalWhole = !state.approvalWhole;
  else if (letter === 'r')
    state.mode = { kind: 'line', what: 'reason', text: '', approval: question.approval };
  else if (answer !== undefined) doing.answer(question.approval, answer.answer, answer.always);
  return true;
}
