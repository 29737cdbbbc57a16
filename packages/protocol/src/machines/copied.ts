/** Which events of a hosted session home copies, and as what (rule X2). Pure. */
import { agentEvents } from '../agents/events.ts';
import type { agentLifeEvents } from '../agents/life-events.ts';
import { identifier } from '../identifier.ts';
import { type SessionEvents, type StoredEvent, sessionEvents } from '../sessions/events.ts';
import { workspaceNotes } from '../workspaces/events.ts';
import type { HostedEvents } from './events.ts';

/** Of what is told of agents' lives, that which their machine decides. What is wanted of them, home does. */
const LIFE = [
  'agent.starting',
  'agent.started',
  'agent.failed',
  'agent.lost',
  'agent.resting',
  'agent.stopping',
  'agent.restarting',
  'agent.stuck',
  'turn.cancelling',
  'prompt.cancelled',
  'approval.answered',
] as const satisfies readonly (keyof typeof agentLifeEvents)[];

const AS_THEY_ARE: ReadonlySet<string> = new Set([
  ...Object.keys(agentEvents),
  ...LIFE,
  ...Object.keys(workspaceNotes),
]);

/** What gives an agent a run. */
const NAMES_RUN: ReadonlySet<string> = new Set(['agent.starting', 'agent.restarting']);

export type Copy = {
  [K in keyof SessionEvents & string]: { type: K; body: SessionEvents[K] };
}[keyof SessionEvents & string];

/**
 * What home records for an event of the worker's about this agent; undefined for what is none of home's. A worker is not believed more
 * than that: a body that is not of its type, or that speaks of another agent, is undefined too.
 */
export function copyOf(agent: string, { type, body }: Pick<StoredEvent, 'type' | 'body'>): Copy | undefined {
  const told = renamed(agent, type, body);
  if (told === undefined) return undefined;
  const parsed = sessionEvents[told.type as keyof SessionEvents].safeParse(told.body);
  if (!parsed.success) return undefined;
  // As it is recorded, which may say more than its type knows.
  const { agent: whose, run } = told.body as { agent?: unknown; run?: unknown };
  if (whose !== undefined && whose !== null && whose !== agent) return undefined;
  // A run is a directory's name: whatever is kept of one is found by it.
  if (NAMES_RUN.has(told.type) && !identifier.safeParse(run).success) return undefined;
  // What a later version tells besides is kept, as everywhere.
  return { type: told.type, body: told.type === type ? body : parsed.data } as Copy;
}

function renamed(agent: string, type: string, body: unknown): { type: string; body: unknown } | undefined {
  // In a tree that was handed over claims are home's, which tells of them itself.
  const claim = type === 'claim.taken' || type === 'claim.released';
  if (claim && (body as { workspace?: unknown } | null)?.workspace === agent) return undefined;
  if (AS_THEY_ARE.has(type)) return { type, body };
  const given = body as HostedEvents[keyof HostedEvents];
  switch (type as keyof HostedEvents) {
    case 'home.heard':
      return { type: 'far.heard', body: { ...given, agent } };
    case 'home.asked':
      return { type: 'far.asked', body: { ...given, agent } };
    case 'home.answered':
      return { type: 'far.answered', body: { ...given, agent } };
    default:
      return undefined;
  }
}
