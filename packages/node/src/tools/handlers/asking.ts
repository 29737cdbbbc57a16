/** The tool by which an agent asks the people of its session (rules N1, N4). */
import { SkeinError } from '@skein/protocol/errors';
import { questionIn } from '@skein/protocol/questions/state';
import { nameOf } from '../../questions/decide.ts';
import { wrong } from '../answers.ts';
import type { ToolRun } from '../tool-run.ts';
import type { ToolHandlers } from './handler.ts';

export const askingHandlers: ToolHandlers<'ask'> = {
  async ask({ text, options, question: earlier, wait, timeout }, run) {
    if (text !== undefined && earlier !== undefined)
      throw wrong(
        'question',
        'Say "text" for a new question, or "question" for one asked before, not both.',
        'bad_request',
      );
    const question = earlier ?? (await asked(run, text, options ?? []));
    const settled = (state: Awaited<ReturnType<ToolRun['state']>>) => {
      const one = questionIn(state, question);
      return one === undefined || 'how' in one;
    };
    const { state } = await run.until(settled, wait ? timeout : 0);
    const now = questionIn(state, question);
    if (now === undefined || (run.me !== null && now.agent !== run.me))
      throw wrong('question', `"question": you have asked no "${question}", or long ago.`);
    if (!('how' in now)) {
      const text = `Nobody has answered yet. Go on with something else, and call again with question "${question}".`;
      return { text, data: { question, answer: null, by: null } };
    }
    if (now.answer === null)
      throw new SkeinError('gone', 'The question was withdrawn: nobody will answer it.');
    const by = now.how === 'default' ? 'its default' : nameOf(now.settledBy);
    return { text: `${by} answered: ${now.answer}`, data: { question, answer: now.answer, by } };
  },
};

/** Its id; the same call again has asked it already. */
async function asked(run: ToolRun, text: string | undefined, options: string[]): Promise<string> {
  if (text === undefined) throw wrong('text', '"text" is missing: what is to be asked.', 'bad_request');
  const question = run.id('question');
  try {
    await run.toSession('ask', 'question.ask', { question, text, options, other: true });
  } catch (thrown) {
    const error = SkeinError.from(thrown);
    const field = (error.data as { field?: unknown } | undefined)?.field;
    if (error.code !== 'bad_request' || typeof field !== 'string') throw error;
    throw wrong(field.replace(/\.(\d+)/g, '[$1]'), error.message, 'bad_request');
  }
  return question;
}
