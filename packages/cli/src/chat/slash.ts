/** What our own slash commands do. Everything else that begins with a slash is the agent's. */
import path from 'node:path';
import { doing } from '@skein/protocol/agents/state';
import type { Actions } from './actions.ts';
import { answerAsked } from './asked.ts';
import { searchFrom } from './browse-keys.ts';
import { withText } from './input/editor.ts';
import type { Doing } from './keys.ts';
import type { ChatState } from './state.ts';

export interface SlashDoing extends Doing {
  actions: Actions;
  /** Tells how it went, unless well. */
  run(work: Promise<unknown>, done?: string): void;
  toggleMouse(): void;
}

export function runSlash(
  state: ChatState,
  { name, argument }: { name: string; argument: string },
  to: SlashDoing,
): void {
  const { agent } = state;
  if (name === 'help') state.mode = { kind: 'help', row: 0 };
  else if (name === 'quit') to.quit();
  else if (name === 'split') state.split = !state.split;
  else if (name === 'mouse') to.toggleMouse();
  else if (name === 'agents') agents(state, argument);
  else if (name === 'claims') claims(state);
  else if (name === 'answer') answerAsked(state, argument, to);
  else if (agent === undefined) state.tell('No agent is in this session.', true);
  else onAgent(state, agent.agent, { name, argument }, to);
}

function onAgent(
  state: ChatState,
  agent: string,
  { name, argument }: { name: string; argument: string },
  to: SlashDoing,
): void {
  const { actions } = to;
  switch (name) {
    case 'model':
    case 'mode':
      return choose(state, name, agent, argument, to);
    case 'cancel':
      if (state.agent?.turn == null) return state.tell('No turn runs.', true);
      return to.cancelTurn();
    case 'restart':
      return to.run(actions.restart(agent, argument === 'fresh'));
    case 'stop':
      return to.run(actions.stop(agent));
    case 'queue':
      return queue(state, agent, argument, to);
    case 'copy':
      return copy(state, agent, argument, to);
    case 'expand':
      return state.pane(agent).toggleAll();
    case 'attach':
      if (argument === '') state.attachments = [];
      // As it is here: an agent of another machine has other files, and says so.
      else state.attachments = [...state.attachments, path.resolve(argument)];
      return state.tell(argument === '' ? 'Nothing goes with the next prompt.' : `${argument} goes with it.`);
    case 'search':
      if (argument === '') state.mode = { kind: 'line', what: 'search', text: '' };
      else {
        state.mode = { kind: 'browse' };
        searchFrom(state, argument, 0, to);
      }
      return;
    default:
      return;
  }
}

function agents(state: ChatState, argument: string): void {
  const found = state.agents.find(({ name }, i) => name === argument || String(i + 1) === argument);
  if (found !== undefined) return state.focus(found.agent);
  if (argument !== '') return state.tell(`There is no agent "${argument}" here.`, true);
  const all = state.agents.map((one, i) => `${i + 1} ${one.name}: ${doing(one, state.model.state)}`);
  state.tell(all.length === 0 ? 'No agent is in this session.' : all.join(' · '));
}

/** Who of this session holds what; the paths that a turn has taken by writing too. */
function claims(state: ChatState): void {
  const held = Object.values(state.model.state.claims).map(({ agent, globs, workspaceName }) => {
    const name = state.agents.find((one) => one.agent === agent)?.name ?? 'a terminal';
    return `${name}: ${globs.join(', ')} in ${workspaceName}`;
  });
  state.tell(held.length === 0 ? 'Nobody here holds a claim.' : held.join(' · '));
}

function choose(
  state: ChatState,
  what: 'mode' | 'model',
  agent: string,
  value: string,
  to: SlashDoing,
): void {
  const offered = state.model.offers(agent)[what === 'mode' ? 'modes' : 'models'];
  if (value === '') {
    const names = offered.map(({ id }) => id).join(', ');
    return state.tell(names === '' ? `The agent offers no ${what}s.` : `${what}s: ${names}`, names === '');
  }
  const found = offered.find(({ id, name }) => id === value || name === value);
  to.run(to.actions.choose(what, agent, found?.id ?? value));
}

function queue(state: ChatState, agent: string, argument: string, to: SlashDoing): void {
  const waiting = state.agent?.queue ?? [];
  const [, word, number] = /^(edit|cancel)\s+(\d+)$/.exec(argument) ?? [];
  const one = waiting[Number(number) - 1];
  if (word === undefined) {
    const all = waiting.map(({ preview }, i) => `${i + 1} ${preview}`).join(' · ');
    return state.tell(all === '' ? 'No prompt waits.' : `${all} (/queue edit N, /queue cancel N)`);
  }
  if (one === undefined) return state.tell(`No prompt ${number} waits.`, true);
  if (word === 'cancel') return to.run(to.actions.cancelPrompt(agent, one.prompt), 'Taken out of the queue.');
  state.editing = { agent, prompt: one.prompt };
  state.editor = withText(state.model.conversation(agent).waitingText(one.prompt) ?? one.preview);
}

function copy(state: ChatState, agent: string, argument: string, to: SlashDoing): void {
  const last = state.blocks(agent).findLast(({ kind }) => kind === 'message');
  const text = last?.kind === 'message' ? last.text : '';
  if (argument !== 'code') return text === '' ? state.tell('Nothing to copy.', true) : to.copy(text);
  const code = [...text.matchAll(/^[ \t]*(`{3,})[^\n`]*\n([\s\S]*?)^[ \t]*\1/gm)].at(-1)?.[2];
  return code === undefined ? state.tell('The last answer has no code.', true) : to.copy(code);
}
