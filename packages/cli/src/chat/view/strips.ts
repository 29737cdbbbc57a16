/** What stands between the transcript and the prompt: plan, queue, the question that is asked, and the list of commands. */
import type { AgentState } from '@skein/protocol/agents/state';
import { answersTo } from '../answer-keys.ts';
import { askedOf, askerOf, optionKeys } from '../asked.ts';
import type { PlanBlock } from '../model/blocks.ts';
import { cleanLine } from '../model/clean.ts';
import { BOLD, CYAN, DIM, INVERSE, type Row, type Span, span, YELLOW } from '../model/style.ts';
import { toolRows } from '../model/tool-rows.ts';
import { columns, fitted, fittedRow, rowColumns } from '../model/width.ts';
import { wrap } from '../model/wrap.ts';
import type { ChatState } from '../state.ts';
import { ruleRow } from './looks.ts';

/** Rows that queue and list may take. */
const QUEUE_ROWS = 3;
const MENU_ROWS = 7;
/** What of a question is always shown: what is asked, and the keys. */
export const QUESTION_ROWS = 2;

export function stripsOf(state: ChatState, cols: number, room: number, now: number): Row[] {
  if (room < 1 || state.mode.kind === 'help') return [];
  const { agent } = state;
  const menu = menuRows(state, cols);
  const question =
    agent === undefined
      ? []
      : questionRows(state, cols, Math.min(room, Math.max(4, Math.floor(room / 2))), now);
  const asked = askedRows(state, cols, Math.min(room, Math.max(4, Math.floor(room / 2))), now);
  // That another agent waits may be left out; what a key answers may not.
  if (state.question === undefined && asked.length + question.length > room) question.length = 0;
  const rest = room - menu.length - question.length - asked.length;
  const queue = agent === undefined || rest < 1 ? [] : queueRows(agent, cols);
  const plan =
    agent?.turn == null || rest <= queue.length
      ? []
      : planStrip(state.model.conversation(agent.agent).plan, cols);
  return [...plan, ...queue, ...asked, ...question, ...menu].slice(-room);
}

/** What is being done of it, or comes next; all of it is in the transcript. */
function planStrip(plan: PlanBlock['entries'], cols: number): Row[] {
  const next = plan.find(({ state }) => state === 'doing') ?? plan.find(({ state }) => state === 'pending');
  if (next === undefined) return [];
  const done = plan.filter(({ state }) => state === 'done').length;
  return [ruleRow(`plan ${done}/${plan.length}: ${cleanLine(next.text)}`, cols)];
}

function queueRows(agent: AgentState, cols: number): Row[] {
  return agent.queue.slice(0, QUEUE_ROWS).map(({ preview }, i): Row => {
    const more = i === QUEUE_ROWS - 1 && agent.queue.length > QUEUE_ROWS;
    const text = more ? `… ${agent.queue.length - QUEUE_ROWS + 1} more wait (/queue)` : cleanLine(preview);
    return [span(` ⧗ ${i + 1} `, YELLOW), span(fitted(text, Math.max(1, cols - 8)), DIM)];
  });
}

function questionRows(state: ChatState, cols: number, room: number, now: number): Row[] {
  const { question, agent } = state;
  if (question === undefined || agent === undefined) {
    const other = state.agents.find((one) => state.questionOf(one.agent) !== undefined);
    if (other === undefined) return [];
    const number = state.agents.indexOf(other) + 1;
    return [
      [
        span(` ? ${cleanLine(other.name)} waits for an answer`, YELLOW),
        span(` · alt-${number} goes to it`, DIM),
      ],
    ];
  }
  const tool = state.model.conversation(agent.agent).askedOf(question.approval);
  const expanded = state.approvalWhole;
  const told =
    tool === undefined
      ? [[span(cleanLine(question.title), BOLD)]]
      : toolRows({ ...tool, asked: undefined }, { width: cols - 2, expanded });
  const detail =
    question.detail === null || expanded || (tool?.diffs.length ?? 0) > 0
      ? []
      : wrap([span(cleanLine(question.detail), CYAN)], cols - 2, { first: [span('    ')] }).slice(0, 3);
  const body = [...told, ...detail];
  const most = Math.max(1, room - 2);
  const cut: Row[] =
    body.length <= most
      ? body
      : most === 1
        ? body.slice(0, 1)
        : [...body.slice(0, most - 1), [span('    … v shows all of it', DIM)]];
  const more = Object.values(state.model.state.approvals).filter((one) => one.answered === null).length;
  const title = `${cleanLine(agent.name)} asks${more > 1 ? ` (1 of ${more})` : ''}`;
  return [
    ruleRow(title, cols, YELLOW | BOLD),
    ...cut.map((row): Row => [span(' '), ...row]),
    keysRow(state, question, cols, now),
  ];
}

/** What the people of the session are asked; below it how it is answered. */
function askedRows(state: ChatState, cols: number, room: number, now: number): Row[] {
  const asked = askedOf(state.model.state);
  if (asked === undefined) return [];
  const more = Object.keys(state.model.state.questions).length;
  const armed = state.question === undefined && state.editor.text === '' && state.unarmed(now) === 0;
  const who = cleanLine(askerOf(state.model.state, asked));
  const text = asked.text.split('\n').flatMap((line) => wrap([span(cleanLine(line), BOLD)], cols - 2, {}));
  const keys = optionKeys(asked).flatMap(({ key, label }): Span[] => [
    span(' '),
    span(` ${key} `, armed ? BOLD | INVERSE : DIM),
    span(` ${cleanLine(label)} `),
  ]);
  const words = asked.options.length === 0 || asked.other ? ' /answer in your words' : ' /answer N';
  const how: Row = state.may('approver')
    ? [...keys, span(words, DIM)]
    : [span(' an approver has to answer', DIM)];
  return [
    ruleRow(`${who} wants to know${more > 1 ? ` (1 of ${more})` : ''}`, cols, YELLOW | BOLD),
    ...text.slice(0, Math.max(1, room - 2)).map((row): Row => [span(' '), ...row]),
    fittedRow(how, cols),
  ];
}

/** Every key that counts, with as many of their words as there is room for: those of the answers are the last to go. */
function keysRow(
  state: ChatState,
  question: Parameters<typeof answersTo>[0],
  cols: number,
  now: number,
): Row {
  if (!state.may('approver')) return fittedRow([span(' an approver has to answer', DIM)], cols);
  const lit = state.unarmed(now) === 0 || state.editor.text !== '';
  const alt = state.editor.text === '' ? '' : 'alt-';
  const answers = answersTo(question).map(({ key, label }) => ({ key, words: [label, label, ''] }));
  const keys = [
    ...answers,
    { key: 'r', words: ['no, because', 'because', ''] },
    { key: 'v', words: ['show all', 'all', ''] },
  ];
  const rows = [0, 1, 2].map((short) =>
    keys.flatMap(({ key, words }): Span[] => {
      const word = cleanLine(words[short] ?? '');
      const name = span(short === 2 ? `${alt}${key}` : ` ${alt}${key} `, lit ? BOLD | INVERSE : DIM);
      return [span(' '), name, ...(word === '' ? [] : [span(` ${word} `, lit ? 0 : DIM)])];
    }),
  );
  const fits = rows.find((row) => rowColumns(row) <= cols);
  return fits ?? fittedRow(rows.at(-1) ?? [], cols);
}

function menuRows(state: ChatState, cols: number): Row[] {
  const items = state.menuItems;
  if (items.length === 0) return [];
  const at = Math.min(state.menu, items.length - 1);
  const from = Math.max(0, Math.min(at - Math.floor(MENU_ROWS / 2), items.length - MENU_ROWS));
  const shown = items.slice(from, from + MENU_ROWS);
  const widest = Math.min(32, Math.max(...shown.map(({ label }) => columns(cleanLine(label)))));
  return shown.map(({ label, summary }, i): Row => {
    const chosen = from + i === at;
    const name = fitted(cleanLine(label), widest);
    const row: Row = [
      span(chosen ? ' ▸ ' : '   ', CYAN),
      span(name, chosen ? BOLD | CYAN : 0),
      span(' '.repeat(widest - columns(name) + 2)),
      span(cleanLine(summary), DIM),
    ];
    return fittedRow(row, cols);
  });
}
