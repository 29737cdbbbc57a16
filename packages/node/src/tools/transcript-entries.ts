/** An agent's events as entries of a transcript for a model: prompts, messages, tool calls, what went wrong. Pure. */
import type { AgentEvents, Payload } from '@skein/protocol/agents/events';
import type { LogEvent } from '../kernel/types.ts';

/** Characters of a message, and of a tool's input or output, in one entry. */
const MESSAGE = 8_000;
const PAYLOAD = 2_000;

export interface Entry {
  /** Of the event that begins it. */
  offset: number;
  text: string;
  cut: boolean;
}

interface Making {
  offset: number;
  head: string;
  text: string;
}

export class Entries {
  readonly #agent: string;
  readonly #full: boolean;
  readonly #runs = new Set<string>();
  readonly #made: Making[] = [];
  readonly #byKey = new Map<string, Making>();

  constructor(agent: string, full: boolean) {
    this.#agent = agent;
    this.#full = full;
  }

  get count(): number {
    return this.#made.length;
  }

  get all(): Entry[] {
    return this.#made.map(({ offset, head, text }) => {
      const cut = text.length > MESSAGE;
      const shown = cut ? `${text.slice(0, MESSAGE)} … (${text.length - MESSAGE} characters more)` : text;
      return { offset, text: shown === '' ? head : `${head}\n${shown}`, cut };
    });
  }

  take({ type, body, by }: LogEvent, offset: number): void {
    if (body === null || typeof body !== 'object') return;
    const { agent, run } = body as { agent?: string; run?: string };
    if (agent === this.#agent && type === 'agent.starting' && run !== undefined) this.#runs.add(run);
    if (agent === this.#agent) this.#life(type, body, by, offset);
    // A run whose start is not in the part that is read is told by its own events: they name no agent.
    else if (agent === undefined && run !== undefined && this.#runs.has(run))
      this.#driven(type, body, offset);
  }

  /** Its runs that began before what is read. */
  knows(run: string): void {
    this.#runs.add(run);
  }

  #life(type: string, body: object, by: unknown, offset: number): void {
    const { name } = (by ?? {}) as { name?: string };
    const told = body as { preview?: string; message?: string; why?: string; ok?: boolean; text?: string };
    if (type === 'prompt.queued') {
      const parts = (body as { parts: { type: string; text?: string }[] }).parts;
      const text = parts.map((part) => part.text ?? `[${part.type}]`).join('\n');
      this.#add('', offset, `[prompt by ${name ?? 'the user'}]`, text);
    } else if (type === 'agent.failed') this.#add('', offset, `[failed] ${told.message ?? ''}`, '');
    else if (type === 'agent.lost') this.#add('', offset, `[lost] ${told.why ?? ''}`, '');
    else if (type === 'agent.reported')
      this.#add('', offset, told.ok === true ? '[report]' : '[report: could not]', told.text ?? '');
  }

  #driven(type: string, body: object, offset: number): void {
    switch (type) {
      case 'message.delta': {
        const { item, text, from } = body as AgentEvents['message.delta'];
        if (from !== 'user') this.#grow(`m ${item}`, offset, '[message]', text);
        return;
      }
      case 'message.ended': {
        const { item, text } = body as AgentEvents['message.ended'];
        const made = this.#byKey.get(`m ${item}`);
        if (made !== undefined && text !== undefined) made.text = text;
        return;
      }
      case 'tool.announced':
      case 'tool.updated':
      case 'tool.finished':
        this.#tool(body as AgentEvents['tool.finished'], offset);
        return;
      case 'approval.asked':
        this.#add('', offset, `[asks to be allowed] ${(body as { title: string }).title}`, '');
        return;
      case 'agent.fault':
        this.#add('', offset, `[fault] ${(body as { message: string }).message}`, '');
        return;
      case 'turn.ended': {
        const { reason, message } = body as AgentEvents['turn.ended'];
        this.#add('', offset, `[turn ended: ${reason}]${message === undefined ? '' : ` ${message}`}`, '');
      }
    }
  }

  #tool(
    { call, title, name, input, output, end }: Partial<AgentEvents['tool.finished']>,
    offset: number,
  ): void {
    const key = `t ${call}`;
    const made = this.#byKey.get(key) ?? this.#add(key, offset, '[tool]', '');
    if (title !== undefined || name !== undefined) made.head = `[tool] ${title ?? name}`;
    if (end !== undefined && end !== 'done') made.head += ` (${end})`;
    if (!this.#full) return;
    if (input !== undefined) made.text = `in: ${shown(input)}`;
    if (output !== undefined) made.text += `\nout: ${shown(output)}`;
  }

  #grow(key: string, offset: number, head: string, text: string): void {
    const made = this.#byKey.get(key) ?? this.#add(key, offset, head, '');
    // One that is cut says how long it is, and need not be kept whole.
    made.text += text;
  }

  #add(key: string, offset: number, head: string, text: string): Making {
    const made = { offset, head, text };
    this.#made.push(made);
    if (key !== '') this.#byKey.set(key, made);
    return made;
  }
}

function shown(payload: Payload): string {
  const text = 'text' in payload ? payload.text : JSON.stringify(payload.json);
  return text.length <= PAYLOAD ? text : `${text.slice(0, PAYLOAD)} …`;
}
