/** An agent of which nothing is known but that it was added. Pure. */
import { NO_OFFERS } from './offers.ts';
import type { AgentState } from './state.ts';
import { NOTHING_USED } from './usage.ts';

export function fresh(
  agent: string,
  name: string,
  definition: string,
  cwd: string,
  args: string[],
  added: number,
): AgentState {
  return {
    ...{ agent, name, definition, cwd, args, added },
    life: 'starting',
    stopping: false,
    next: null,
    run: null,
    why: null,
    exit: null,
    until: null,
    attempt: 0,
    stuckAfter: 0,
    restart: { when: 'never', most: 0, delay: 0 },
    session: null,
    resumes: false,
    turn: null,
    turns: 0,
    stuck: false,
    queue: [],
    chosen: { n: 0 },
    mode: null,
    model: null,
    offers: NO_OFFERS,
    used: NOTHING_USED,
    usedBy: {},
  };
}
