/** Calls somebody to their terminal when an agent waits for an answer: by what terminals notify with, and the bell. */
import type { SessionState } from '@skein/protocol/sessions/state';
import { visible } from '@skein/protocol/text/words';

/** Letters of a notification. */
const LONGEST = 200;

type Asked = Pick<SessionState, 'approvals' | 'questions' | 'agents' | 'name'>;

export class Calls {
  #known = new Set<string>();

  /** What to write for the questions that are new; each is told of once, whether it is written or not. */
  next({ approvals, questions, agents, name }: Asked): string {
    const open = Object.values(approvals).filter(({ answered }) => answered === null);
    const all = [
      ...open.map(({ approval: id, agent, title }) => ({ id, agent, title })),
      ...Object.values(questions).map(({ question: id, agent, text: title }) => ({ id, agent, title })),
    ];
    const fresh = all.filter(({ id }) => !this.#known.has(id));
    this.#known = new Set(all.map(({ id }) => id));
    return fresh
      .map(({ agent, title }) => call(name, `${agents[agent ?? '']?.name ?? 'a program'} asks: ${title}`))
      .join('');
  }
}

function call(title: string, text: string): string {
  // A semicolon would end a field.
  const [head, body] = [title, text].map((part) => visible(part).replaceAll(';', ',').slice(0, LONGEST));
  return `\x1b]9;${body}\x07\x1b]777;notify;${head};${body}\x07\x07`;
}
