/**
 * In which order what happens in a turn, whichever agent it is (rule A1), and where an agent differs by its nature, which no
 * driver could make alike. Each agent is held to this, so that all are equal to one another.
 */
import type { AgentName } from '../../../scripts/agents/pins.ts';

const SAID = ['message.delta', 'message.ended'];
const BEGUN = ['prompt.queued', 'turn.started'];
const ASKED = ['tool.announced', 'approval.asked'];
const ANSWERED = ['approval.answered'];

export const ORDERS = {
  prompt: [...BEGUN, 'thought.delta', 'thought.ended', ...SAID, 'turn.ended done'],
  allowed: [
    ...[...BEGUN, ...SAID, ...ASKED, ...ANSWERED, 'approval.resolved allowed', 'tool.finished done'],
    ...[...SAID, 'turn.ended done'],
  ],
  denied: [
    ...[...BEGUN, ...ASKED, ...ANSWERED, 'approval.resolved denied', 'tool.finished denied'],
    ...[...SAID, 'turn.ended done'],
  ],
  // What was being said when it was cancelled is told whole before or after the wish: `sorted` below.
  cancelled: [...BEGUN, ...SAID, 'turn.cancelling', 'turn.ended cancelled'],
  'cancelled while it asks': [
    ...[...BEGUN, ...ASKED, 'turn.cancelling', 'approval.resolved withdrawn', 'tool.finished cancelled'],
    'turn.ended cancelled',
  ],
  queued: [...BEGUN, ...SAID, 'turn.ended done'],
  lost: [...BEGUN, ...SAID, 'turn.ended lost'],
} satisfies Record<string, string[]>;
export type Scene = keyof typeof ORDERS;

interface Nature {
  why: string;
  order: string[];
}

/** The one table of what is not alike, and why. */
export const DIFFERENCES: Partial<Record<AgentName, Partial<Record<Scene, Nature>>>> = {
  opencode: {
    denied: {
      why: 'a denial ends its turn: the model is not asked again',
      order: ORDERS.denied.filter((kind) => !SAID.includes(kind)),
    },
  },
};

/** Agents that tell nothing of the past when they take up an earlier session; they know it all the same. */
export const SILENT_ABOUT_THE_PAST: Partial<Record<AgentName, string>> = {
  claude: 'its stream tells what happens from now on; the past is in a file of its own',
};

export function orderOf(agent: AgentName, scene: Scene): string[] {
  return DIFFERENCES[agent]?.[scene]?.order ?? ORDERS[scene];
}
