/** Events as plain text that goes on as they come: messages as they are said, everything else in lines. */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import type { StoredEvent } from '@skein/protocol/sessions/events';
import { workspaceRemark } from '../agents/workspace-text.ts';
import { questionRemark } from './asked.ts';
import { clean, cleanLine } from './model/clean.ts';
import { textOfParts } from './model/kept.ts';
import { lifeRemark } from './model/life-remarks.ts';
import type { SessionModel } from './model/session-model.ts';

type All = AgentLifeEvents & AgentEvents;

export class PlainWriter {
  readonly #model: SessionModel;
  readonly #write: (text: string) => void;
  readonly #prompts = new Map<string, string>();
  /** What is being said, and whether a line of it is begun. */
  #item = '';
  #begun = false;
  /** Half of a character, or of an end of line, waits for the rest. */
  #held = '';

  constructor(model: SessionModel, write: (text: string) => void) {
    this.#model = model;
    this.#write = write;
  }

  /** After the model has it. Only what concerns the one agent, if there are several. */
  event(event: StoredEvent, agent: string | undefined): void {
    const body = event.body as { agent?: string; run?: string } | null;
    const run = agent === undefined ? undefined : this.#model.state.agents[agent]?.run?.run;
    if (body?.agent !== undefined ? body.agent !== agent : body?.run !== undefined && body.run !== run)
      return;
    switch (event.type as keyof All) {
      case 'prompt.queued':
      case 'prompt.edited': {
        const { prompt, parts } = event.body as All['prompt.queued'];
        this.#prompts.set(prompt, textOfParts(parts));
        return;
      }
      case 'turn.started': {
        const { prompt } = event.body as All['turn.started'];
        const text = this.#prompts.get(prompt ?? '');
        this.#prompts.delete(prompt ?? '');
        if (text !== undefined) this.#line(`> ${clean(text).replaceAll('\n', '\n> ')}`);
        return;
      }
      case 'message.delta': {
        const { item, text, from } = event.body as All['message.delta'];
        return this.#say(`${from}${item}`, text, from === 'user' ? '> ' : '');
      }
      case 'tool.announced': {
        const { kind, title } = event.body as All['tool.announced'];
        return this.#line(`[${kind}] ${cleanLine(title)}`);
      }
      case 'tool.finished': {
        const { end, title, call } = event.body as All['tool.finished'];
        if (end !== 'done') this.#line(`[${end}] ${cleanLine(title ?? call)}`);
        return;
      }
      case 'approval.asked': {
        const { title } = event.body as All['approval.asked'];
        return this.#line(`[asks] ${cleanLine(title)} (/approve, /deny, /always, /never)`);
      }
      case 'approval.answered': {
        const { outcome, rule } = event.body as All['approval.answered'];
        const who = rule === undefined ? (this.#model.nameOf(event.by) ?? 'somebody') : 'a policy';
        return this.#line(`[${outcome}] by ${cleanLine(who)}`);
      }
      case 'turn.ended': {
        const { reason, message } = event.body as All['turn.ended'];
        return this.#line(`[${reason}]${message === undefined ? '' : ` ${cleanLine(message)}`}`);
      }
      case 'agent.fault':
        return this.#line(`[fault] ${cleanLine((event.body as All['agent.fault']).message)}`);
      default: {
        const remark =
          lifeRemark(event.type, event) ?? workspaceRemark(event) ?? questionRemark(event, this.#model.state);
        if (remark !== undefined) this.#line(`[${cleanLine(remark.text)}]`);
      }
    }
  }

  end(): void {
    this.#finish();
  }

  #say(item: string, text: string, mark: string): void {
    if (item !== this.#item) {
      this.#finish();
      this.#item = item;
      if (mark !== '') this.#write(mark);
    }
    // A sequence, or a letter of two units, may be cut between two pieces; what could be the half of one waits.
    const whole = this.#held + text;
    const rest = /(?:[\ud800-\udbff]|\r)$/.exec(whole)?.[0] ?? '';
    this.#held = rest;
    const said = clean(whole.slice(0, whole.length - rest.length));
    if (said === '') return;
    this.#write(said);
    this.#begun = !said.endsWith('\n');
  }

  #line(text: string): void {
    this.#finish();
    this.#write(`${text}\n`);
  }

  #finish(): void {
    if (this.#held !== '') this.#write(clean(this.#held));
    this.#held = '';
    if (this.#begun) this.#write('\n');
    this.#begun = false;
    this.#item = '';
  }
}
