/** What a chat is at: the session as it is known, and what its user does with the screen. */
import type { AgentState, Approval } from '@skein/protocol/agents/state';
import { allows, type Role } from '@skein/protocol/members/roles';
import { askedOf } from './asked.ts';
import { type Completion, completions } from './input/commands.ts';
import { type Editor, EMPTY } from './input/editor.ts';
import type { Block } from './model/blocks.ts';
import { Pane } from './model/pane.ts';
import type { SessionModel } from './model/session-model.ts';

/** Milliseconds without a letter typed, and since a question came up, before a key of its answers counts. */
const STILL_MS = 600;
const SEEN_MS = 400;
/** Rows of a terminal that have room for a question and its keys, above the status, the prompt and the footer. */
const LEAST_ROWS = 5;

/** What the keys go to: the prompt; the transcript, to look around; or a line that asks for something. */
export type Mode =
  | { kind: 'write' }
  | { kind: 'browse' }
  | { kind: 'line'; what: 'search' | 'reason'; text: string; approval?: string }
  | { kind: 'help'; row: number };

export interface Presence {
  role: Role;
  /** Others who are connected now. */
  people: string[];
  /** What waits for the user in other sessions of that node. */
  elsewhere: number;
}

export class ChatState {
  model: SessionModel;
  mode: Mode = { kind: 'write' };
  editor: Editor = EMPTY;
  /** The prompt in the queue that is being changed. */
  editing: { agent: string; prompt: string } | undefined;
  /** Which of one's own prompts is shown, counted from the last; 0 for none, and what was written before. */
  past = 0;
  draft: Editor = EMPTY;
  attachments: string[] = [];
  menu = 0;
  /** The text for which the menu was put away. */
  menuClosed: string | undefined;
  split = false;
  query = '';
  notice: { text: string; bad: boolean } | undefined;
  presence: Presence = { role: 'owner', people: [], elsewhere: 0 };
  /** Since when the connection is cut, milliseconds of the monotonic clock. */
  cutSince: number | undefined;
  /** Events are being read from the start: how far, and to where. */
  loading: { at: number; of: number } | undefined = { at: 0, of: 0 };
  size = { cols: 80, rows: 24 };
  typedAt = Number.NEGATIVE_INFINITY;
  /** Which question is shown, and since when. */
  shown: { approval: string; since: number } | undefined;
  approvalWhole = false;
  #focus: string | undefined;
  readonly #drafts = new Map<string, Pick<ChatState, 'editor' | 'editing'>>();
  #panes = new Map<string, Pane>();

  constructor(model: SessionModel) {
    this.model = model;
  }

  /** The session has to be read anew: another epoch of its log has begun. */
  startOver(model: SessionModel): void {
    this.model = model;
    this.#panes = new Map();
    this.loading = { at: 0, of: 0 };
  }

  get agents(): AgentState[] {
    return this.model.agents;
  }

  get agent(): AgentState | undefined {
    const { agents } = this;
    return agents.find(({ agent }) => agent === this.#focus) ?? agents[0];
  }

  /** What is written to one agent stays with it. */
  focus(agent: string): void {
    const before = this.agent?.agent;
    if (before === agent) return;
    if (before !== undefined) this.#drafts.set(before, { editor: this.editor, editing: this.editing });
    this.#focus = agent;
    const { editor, editing } = this.#drafts.get(agent) ?? { editor: EMPTY, editing: undefined };
    Object.assign(this, { editor, editing, past: 0, approvalWhole: false });
  }

  /** The next agent, or the one before. */
  cycle(step: number): void {
    const { agents, agent } = this;
    const at = agent === undefined ? -1 : agents.indexOf(agent);
    const next = agents[(at + step + agents.length) % Math.max(1, agents.length)];
    if (next !== undefined) this.focus(next.agent);
  }

  pane(agent: string): Pane {
    let pane = this.#panes.get(agent);
    if (pane === undefined) {
      pane = new Pane(this.model.conversation(agent).blocks);
      this.#panes.set(agent, pane);
    }
    return pane;
  }

  blocks(agent: string): readonly Block[] {
    return this.model.conversation(agent).blocks;
  }

  /** The oldest question of the agent that is looked at that has no answer. */
  get question(): Approval | undefined {
    return this.questionOf(this.agent?.agent);
  }

  questionOf(agent: string | undefined): Approval | undefined {
    return Object.values(this.model.state.approvals).find(
      (one) => one.agent === agent && one.answered === null,
    );
  }

  /** What a key would answer. */
  get asks(): string | undefined {
    return this.question?.approval ?? askedOf(this.model.state)?.question;
  }

  /** Something is asked for which the terminal is too low. */
  get tooLow(): boolean {
    return this.size.rows < LEAST_ROWS && this.asks !== undefined;
  }

  /** What is on the screen from now on: a question that was not there before is seen from now. */
  look(now: number): void {
    const id = this.tooLow ? undefined : this.asks;
    if (this.shown?.approval === id) return;
    this.shown = id === undefined ? undefined : { approval: id, since: now };
    this.approvalWhole = false;
  }

  /** Whether what a key would answer was in the last frame: another may have come in its place since. */
  get isSeen(): boolean {
    return this.shown !== undefined && this.shown.approval === this.asks;
  }

  may(needs: Role): boolean {
    return allows(this.presence.role, needs);
  }

  /** Milliseconds until a key of the question's answers counts: somebody may have been typing when it came up. */
  unarmed(now: number): number {
    const since = this.isSeen ? (this.shown?.since ?? now) : now;
    return Math.max(0, since + SEEN_MS - now, this.typedAt + STILL_MS - now);
  }

  get menuItems(): Completion[] {
    if (this.mode.kind !== 'write' || !this.editor.text.startsWith('/')) return [];
    if (this.menuClosed === this.editor.text) return [];
    const { agent } = this;
    const offers =
      agent === undefined ? { commands: [], modes: [], models: [] } : this.model.offers(agent.agent);
    const agents = this.agents.map(({ name }) => name);
    return completions(this.editor.text, { ...offers, agents });
  }

  tell(text: string, bad = false): void {
    this.notice = { text, bad };
  }
}
