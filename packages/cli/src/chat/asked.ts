/** What the people of the session are asked, in a chat: which question is shown, and how it is answered (rule N4). */
import type { Question } from '@skein/protocol/questions/state';
import { questionIn } from '@skein/protocol/questions/state';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { SessionState } from '@skein/protocol/sessions/state';
import { answerMeant } from '../tasks/answer-meant.ts';
import type { KeyEvent } from './input/decode.ts';
import type { SlashDoing } from './slash.ts';
import type { ChatState } from './state.ts';

/** Options that a digit answers with. */
const DIGITS = 9;

/** The oldest of a session that is open. */
export function askedOf({ questions }: Pick<SessionState, 'questions'>): Question | undefined {
  return Object.values(questions)[0];
}

/** Who asks it, as people call them. */
export function askerOf({ agents }: Pick<SessionState, 'agents'>, { agent, by }: Question): string {
  if (agent !== null) return agents[agent]?.name ?? agent;
  return by?.kind === 'member' ? by.name : 'a program';
}

export function optionKeys({ options }: Question): { key: string; label: string }[] {
  return options.slice(0, DIGITS).map((label, i) => ({ key: String(i + 1), label }));
}

/** Whether the key chose one of the options: only while nothing is written, no agent asks for leave, and it could be read. */
export function optionKey(
  state: ChatState,
  event: KeyEvent,
  doing: { now(): number; say(question: string, answer: string): void },
): boolean {
  const asked = askedOf(state.model.state);
  if (asked === undefined || state.question !== undefined || !state.may('approver')) return false;
  const held = event.type === 'key' && event.alt && !event.ctrl;
  // With alt the digits go to agents.
  if (event.type !== 'text' || held || state.editor.text !== '') return false;
  const option = optionKeys(asked).find(({ key }) => key === event.text);
  if (option === undefined || state.unarmed(doing.now()) > 0) return false;
  doing.say(asked.question, option.label);
  return true;
}

/** `/answer`: the question that is shown, by the number of an option or in words. */
export function answerAsked(state: ChatState, argument: string, to: SlashDoing): void {
  const asked = askedOf(state.model.state);
  if (asked === undefined) return state.tell('Nobody is asked anything.', true);
  if (!state.may('approver')) return state.tell('An approver has to answer.', true);
  if (argument.trim() === '') return state.tell('Say what: /answer 1, or in words.', true);
  to.say(asked.question, answerMeant(asked.options, argument));
}

/** What is asked and answered, in a line for the agent whose question it is; undefined for any other event. */
export function questionRemark(
  { type, body }: Pick<StoredEvent, 'type' | 'body'>,
  state: Pick<SessionState, 'questions' | 'settledQuestions' | 'asked'>,
): { agents: string[]; tone: 'life'; text: string } | undefined {
  if (type !== 'question.asked' && type !== 'question.answered' && type !== 'question.withdrawn')
    return undefined;
  const { question, answer } = body as { question: string; answer?: string };
  const one = questionIn(state, question);
  if (one === undefined) return undefined;
  const text =
    type === 'question.asked'
      ? `asks people: ${one.text}${one.options.length > 0 ? ` (${one.options.join(' | ')})` : ''}`
      : type === 'question.answered'
        ? `answered: ${answer}`
        : 'the question is withdrawn';
  return { agents: one.agent === null ? [] : [one.agent], tone: 'life', text };
}
