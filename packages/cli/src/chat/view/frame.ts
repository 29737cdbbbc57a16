/** What a chat's screen shows, as rows that fit: computed from its state alone. */
import { doing } from '@skein/protocol/agents/state';
import { awayWords, farIn } from '@skein/protocol/machines/words';
import { age } from '@skein/protocol/text/words';
import { usageText } from '../model/block-rows.ts';
import { cleanLine } from '../model/clean.ts';
import { BOLD, DIM, GREEN, INVERSE, RED, type Row, type Span, span, YELLOW } from '../model/style.ts';
import { fitted, fittedRow, rowColumns } from '../model/width.ts';
import type { ChatState } from '../state.ts';
import { type InputView, inputRows } from './input-rows.ts';
import { LOOKS, ruleRow } from './looks.ts';
import { type PaneView, panesOf, shownAgents } from './panes.ts';
import { QUESTION_ROWS, stripsOf } from './strips.ts';

/** From top to bottom. Heights add up to the terminal's. */
export interface FrameView {
  cols: number;
  rows: number;
  /** Of all of it; more than the terminal has, where that is very low. */
  height: number;
  header: Row;
  panes: PaneView[];
  /** Of the transcript, titles of panes included. */
  bodyRows: number;
  /** Plan, queue, question, menu: whatever is between the transcript and the prompt. */
  strips: Row[];
  status: Row;
  input: Row[];
  footer: Row;
  cursor: { x: number; y: number } | undefined;
}

export function frameOf(state: ChatState, now: number, wall: number): FrameView {
  const { cols, rows } = state.size;
  const { input, strips, bodyRows } = parts(state, now);
  const height = 3 + bodyRows + strips.length + input.rows.length;
  const { cursor } = input;
  // Of a terminal that is too low for all of it, the lower part is shown.
  const above = height - rows;
  const y = 2 + bodyRows + strips.length + (cursor?.y ?? 0) - above;
  return {
    ...{ cols, rows, height },
    header: headerOf(state, cols),
    panes: panesOf(state, cols, bodyRows, wall),
    bodyRows,
    strips,
    status: statusOf(state, cols, now, wall),
    input: input.rows,
    footer: footerOf(state, cols),
    cursor: cursor === undefined || y < 0 || y >= rows ? undefined : { x: Math.min(cursor.x, cols - 1), y },
  };
}

/** Rows of the transcript of the agent that is looked at, on the screen as it is now. */
export function transcriptHeight(state: ChatState, now: number): number {
  const titled = shownAgents(state, state.size.cols).length > 1;
  return Math.max(1, parts(state, now).bodyRows - (titled ? 1 : 0));
}

function parts(state: ChatState, now: number): { input: InputView; strips: Row[]; bodyRows: number } {
  const { cols, rows } = state.size;
  const input = inputRows(state, cols, Math.max(1, Math.min(10, Math.floor(rows / 3))));
  const fixed = 3 + input.rows.length;
  // What a key answers is on the screen, whatever else is not.
  const least = state.asks === undefined ? 0 : QUESTION_ROWS;
  const strips = stripsOf(state, cols, Math.max(least, rows - fixed - 3), now);
  return { input, strips, bodyRows: Math.max(1, rows - fixed - strips.length) };
}

function headerOf(state: ChatState, cols: number): Row {
  const { model, agent, agents, presence } = state;
  const people = presence.people.length === 0 ? '' : ` with ${presence.people.map(cleanLine).join(', ')}`;
  const elsewhere =
    presence.elsewhere === 0 ? [] : [span(`${presence.elsewhere} waiting elsewhere `, YELLOW)];
  const right: Row = [
    ...elsewhere,
    span(`${presence.role === 'owner' ? '' : `${presence.role} `}${people} `, DIM),
  ];
  const left: Span[] = [span(` ${cleanLine(model.state.name)} `, BOLD | INVERSE)];
  for (const [i, one] of agents.entries()) {
    const { mark, style } = LOOKS[doing(one, model.state)];
    const looked = one === agent ? BOLD : DIM;
    left.push(span(' '), span(mark, style));
    left.push(span(` ${agents.length > 1 ? `${i + 1} ` : ''}${cleanLine(one.name)}`, looked));
    const far = farIn(model.state, one.agent);
    if (far !== undefined) left.push(span(` @${cleanLine(far.node)}`, DIM));
  }
  const room = cols - rowColumns(right);
  if (room < 20) return fittedRow(left, cols);
  const cut = fittedRow(left, room - 1);
  return [...cut, span(' '.repeat(Math.max(0, room - rowColumns(cut)))), ...right];
}

/** What the agent does now, on the rule above the prompt. */
function statusOf(state: ChatState, cols: number, now: number, wall: number): Row {
  const { agent, model } = state;
  if (state.cutSince !== undefined) {
    const seconds = Math.round((now - state.cutSince) / 1000);
    const text = ` cut off for ${seconds} s, trying again; what you send goes out when it is back `;
    return [span(fitted(text, cols), INVERSE | YELLOW)];
  }
  if (agent === undefined) return ruleRow('', cols);
  const word = doing(agent, model.state);
  const { style } = LOOKS[word];
  const { turn } = model.conversation(agent.agent);
  const left: Span[] = [span('─ ', DIM), span(word, style)];
  if (agent.turn !== null) left.push(span(` ${age(wall - agent.turn.startedAt)}`, DIM));
  const far = farIn(model.state, agent.agent);
  const away = far && awayWords(far, wall);
  if (away !== undefined) left.push(span(` · ${away}`, YELLOW));
  if (agent.turn?.cancelling) left.push(span(' · ending the turn', YELLOW));
  const used = turn?.usage === undefined ? '' : usageText(turn.usage);
  if (used !== '') left.push(span(` · ${used}`, DIM));
  if (agent.life === 'resting' && agent.until !== null)
    left.push(span(` · again in ${age(Math.max(0, agent.until - wall))}`, DIM));
  left.push(span(' '));
  const choice = [agent.model, agent.mode]
    .filter((one) => one !== null && one !== '')
    .map((one) => cleanLine(one ?? ''));
  const right: Row = choice.length === 0 ? [] : [span(` ${choice.join(' · ')} ─`, DIM)];
  const room = cols - rowColumns(right);
  if (room < 24) return fittedRow(left, cols);
  const cut = fittedRow(left, room);
  return [...cut, span('─'.repeat(Math.max(0, room - rowColumns(cut))), DIM), ...right];
}

function footerOf(state: ChatState, cols: number): Row {
  const { notice, mode, agent } = state;
  if (notice !== undefined)
    return [span(fitted(` ${cleanLine(notice.text)}`, cols), notice.bad ? RED : GREEN)];
  if (state.tooLow) return [span(fitted(' too low to answer here', cols), YELLOW)];
  const behind = agent !== undefined && !state.pane(agent.agent).following;
  return [span(fitted(` ${hints(state, mode.kind, behind)}`, cols), DIM)];
}

function hints(state: ChatState, kind: string, behind: boolean): string {
  if (kind === 'browse')
    return '↑↓ choose · enter unfold · c copy · / search · n N next · g G ends · esc back';
  if (kind === 'line') return 'enter takes it · esc back';
  if (kind === 'help') return '↑↓ scroll · any other key back';
  const below = behind ? 'pgdn for what is new · ' : '';
  const turn = state.agent?.turn != null ? 'ctrl-c ends the turn' : 'ctrl-c leaves';
  const agents = state.agents.length > 1 ? ' · tab next agent · ctrl-s side by side' : '';
  return `${below}enter sends · alt-enter new line · esc looks around · ctrl-o unfolds${agents} · ${turn} · /help`;
}
