/** What is written goes where it belongs: a command of ours is done, everything else is a prompt. */
import { parseCommand } from './input/commands.ts';
import { EMPTY, wholeText } from './input/editor.ts';
import { runSlash, type SlashDoing } from './slash.ts';
import type { ChatState } from './state.ts';

export function submit(state: ChatState, to: SlashDoing): void {
  const text = wholeText(state.editor);
  const command = parseCommand(text);
  if (command !== undefined) {
    state.editor = EMPTY;
    return runSlash(state, command, to);
  }
  const { agent, editing, attachments } = state;
  if (text.trim() === '' && attachments.length === 0) return;
  if (agent === undefined) return state.tell('No agent is in this session.', true);
  const before = state.editor;
  Object.assign(state, { editor: EMPTY, editing: undefined, past: 0, attachments: [] });
  state.pane(agent.agent).anchor = 'end';
  const sent =
    editing === undefined
      ? to.actions.prompt(agent.agent, text, attachments)
      : to.actions.edit(editing.agent, editing.prompt, text);
  to.run(
    sent.catch((error) => {
      // What was refused is not lost.
      if (state.editor.text === '') Object.assign(state, { editor: before, attachments });
      throw error;
    }),
  );
}
