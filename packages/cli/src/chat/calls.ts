/** Calls somebody to their terminal when an agent waits for an answer: by what terminals notify with, and the bell. */
import type { SessionState } from '@skein/protocol/sessions/state';
import { visible } from '@skein/protocol/text/words';

/** Letters of a notification. */
const LONGEST = 200;

export class Calls {
  #known = new Set<string>();

  /** What to write for the questions that are new; each is told of once, whether it is written or not. */
  next({ approvals, agents, name }: Pick<SessionState, 'approvals' | 'agents' | 'name'>): string {
    const open = Object.values(approvals).filter(({ answered }) => answered === null);
    const fresh = open.filter(({ approval }) => !this.#known.has(approval));
    this.#known = new Set(open.map(({ approval }) => approval));
    return fresh.map((one) => call(name, `${agents[one.agent]?.name ?? ''} asks: ${one.title}`)).join('');
  }
}

function call(title: string, text: string): string {
  // A semicolon would end a field.
  const [head, body] = [title, text].map((part) => visible(part).replaceAll(';', ',').slice(0, LONGEST));
  return `\x1b]9;${body}\x07\x1b]777;notify;${head};${body}\x07\x07`;
}
