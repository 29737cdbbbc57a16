/** The conversations on the screen: one, or several side by side. */
import { type AgentState, doing } from '@skein/protocol/agents/state';
import { age } from '@skein/protocol/text/words';
import { marked } from '../model/block-rows.ts';
import { cleanLine } from '../model/clean.ts';
import { BOLD, CYAN, DIM, RED, type Row, span } from '../model/style.ts';
import { fittedRow, rowColumns } from '../model/width.ts';
import { wrap } from '../model/wrap.ts';
import type { ChatState } from '../state.ts';
import { helpRows } from './help.ts';
import { LOOKS } from './looks.ts';

export interface PaneView {
  title: Row;
  rows: Row[];
  width: number;
}

/** Columns that a pane needs to be read. */
const PANE_COLS = 50;

/** Those whose conversations are shown: as many as there is room for, around the one that is looked at. */
export function shownAgents(state: ChatState, cols: number): AgentState[] {
  const { agent, agents } = state;
  if (agent === undefined) return [];
  if (!state.split || agents.length < 2) return [agent];
  const most = Math.max(1, Math.min(agents.length, Math.floor((cols + 1) / (PANE_COLS + 1))));
  const at = agents.indexOf(agent);
  const from = Math.max(0, Math.min(at - Math.floor(most / 2), agents.length - most));
  return agents.slice(from, from + most);
}

export function panesOf(state: ChatState, cols: number, height: number, wall: number): PaneView[] {
  if (state.mode.kind === 'help') return [helpPane(state, cols, height)];
  const shown = shownAgents(state, cols);
  // Rows of what is still being read would be made for nothing.
  if (shown.length === 0 || state.loading !== undefined)
    return [{ title: [], rows: emptyRows(state, cols), width: cols }];
  const titled = shown.length > 1;
  const each = Math.floor((cols - (shown.length - 1)) / shown.length);
  return shown.map((agent, i) => {
    const width = i === shown.length - 1 ? cols - i * (each + 1) : each;
    const pane = state.pane(agent.agent);
    pane.width = width - 2;
    const query = agent === state.agent ? state.query : '';
    const rows = pane.window(titled ? height - 1 : height).map(({ row, block }): Row => {
      const chosen = block !== undefined && block === pane.chosen && agent === state.agent;
      return [chosen ? span('▎', CYAN) : span(' '), ...marked(row, query)];
    });
    const empty = rows.length === 0 ? emptyRows(state, width, agent) : rows;
    return { title: titled ? paneTitle(state, agent, width, wall) : [], rows: empty, width };
  });
}

function paneTitle(state: ChatState, agent: AgentState, width: number, wall: number): Row {
  const word = doing(agent, state.model.state);
  const { style } = LOOKS[word];
  const since = agent.turn === null ? '' : ` ${age(wall - agent.turn.startedAt)}`;
  const looked = agent === state.agent ? BOLD : DIM;
  const row: Row = [span(`─ ${cleanLine(agent.name)} `, looked), span(`${word}${since} `, style)];
  const cut = fittedRow(row, width);
  return [...cut, span('─'.repeat(Math.max(0, width - rowColumns(cut))), looked)];
}

function helpPane(state: ChatState, cols: number, height: number): PaneView {
  const all = helpRows(cols);
  const top = state.mode.kind === 'help' ? Math.min(state.mode.row, Math.max(0, all.length - height)) : 0;
  return { title: [], rows: all.slice(top, top + height), width: cols };
}

function emptyRows(state: ChatState, width: number, agent?: AgentState): Row[] {
  const { loading } = state;
  if (loading !== undefined) {
    const of = loading.of > 0 ? ` of ${loading.of}` : '';
    return [[], [span(`  reading ${loading.at}${of} events…`, DIM)]];
  }
  if (agent === undefined)
    return wrap(
      [span('No agent is in this session. Add one: skein spawn <agent> --in <session>', DIM)],
      width,
      {
        first: [span('  ')],
      },
    );
  const said = agent.why === null ? [] : [span(` ${cleanLine(agent.why)}`, RED)];
  return [
    [],
    ...wrap([span(`${cleanLine(agent.name)} in ${placeText(agent)}.`, DIM), ...said], width, {
      first: [span('  ')],
    }),
  ];
}

/** Where it works; in a workspace, and how strongly it is held to what others have claimed there. */
function placeText({ cwd, workspace, strength }: AgentState): string {
  if (!workspace) return cleanLine(cwd);
  const held = strength === undefined ? '' : `: files ${strength.files}, shell ${strength.shell}`;
  return `${cleanLine(cwd)} (workspace ${cleanLine(workspace.name)}${held})`;
}
