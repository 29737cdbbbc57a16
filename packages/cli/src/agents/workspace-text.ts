/** What happens to agents in workspaces, in a line for people: claims, refusals, conflicts, landings (rules W2, W4, W5). Pure. */
import type { StoredEvent } from '@skein/protocol/sessions/events';
import type { WorkspaceNotes } from '@skein/protocol/workspaces/events';
import type { Holder } from '@skein/protocol/workspaces/holder';

export interface WorkspaceRemark {
  tone: 'life' | 'fault';
  text: string;
  detail?: string;
  /** The agents that it is about, by id. */
  agents: string[];
}

type Note = { [K in keyof WorkspaceNotes]: { type: K; body: WorkspaceNotes[K] } }[keyof WorkspaceNotes];

const CONFLICTS = { created: 'was made', changed: 'was changed', removed: 'was removed' } as const;

/** Paths that are named in a line. */
const NAMED = 3;

/** Undefined for what is none of it, and for what is not worth a line: claims that come and go with a turn. */
export function workspaceRemark(event: Pick<StoredEvent, 'type' | 'body'>): WorkspaceRemark | undefined {
  if (typeof event.body !== 'object' || event.body === null) return undefined;
  const { type, body } = event as Note;
  switch (type) {
    case 'claim.taken':
      if (body.implicit) return undefined;
      return {
        tone: 'life',
        text: `holds ${some(body.globs)} in ${body.workspaceName}`,
        agents: only(body.agent),
      };
    case 'claim.released':
      return released(body);
    case 'claim.refused': {
      const by = body.holder === null ? WHY[body.why] : `held by ${nameOf(body.holder)}`;
      const text = `kept from writing ${some(body.paths)}: ${by}`;
      return { tone: 'fault', text, detail: body.message, agents: only(body.agent) };
    }
    case 'conflict.found': {
      const { holder, path, what, writers } = body;
      const by = writers.length === 0 ? 'somebody outside' : writers.map(({ name }) => name).join(' or ');
      const text = `conflict: ${path}, which ${nameOf(holder)} holds, ${CONFLICTS[what]} by ${by}`;
      const sides = [holder.kind === 'run' ? holder.agent : null, ...writers.map(({ agent }) => agent)];
      return { tone: 'fault', text, agents: [...new Set(sides.flatMap(only))] };
    }
    case 'landing.changed':
      return landing(body);
    default:
      return undefined;
  }
}

const WHY: Record<WorkspaceNotes['claim.refused']['why'], string> = {
  held: 'held by somebody else',
  strict: 'it has not claimed it',
  stale: 'changed since it was read',
  git: "it is git's own",
  unclear: 'it cannot be told where that leads',
};

function released({ why, globs, agent, workspaceName }: WorkspaceNotes['claim.released']) {
  const agents = only(agent);
  const what = `${some(globs)} in ${workspaceName}`;
  if (why === 'released') return { tone: 'life' as const, text: `gave back ${what}`, agents };
  if (why === 'stolen') return { tone: 'fault' as const, text: `lost ${what}: taken from it`, agents };
  if (why === 'expired') return { tone: 'fault' as const, text: `lost ${what}: its lease ended`, agents };
  return undefined;
}

function landing(body: WorkspaceNotes['landing.changed']): WorkspaceRemark | undefined {
  const { state, commits, message, paths } = body;
  const agents = only(body.agent);
  // Which branch it is is not known before both have been looked at.
  const onto = body.onto === '' ? '' : ` on ${body.onto}`;
  if (state === 'waiting') return undefined;
  if (state === 'running') return { tone: 'life', text: `landing${onto}`, agents };
  if (state === 'undone') return { tone: 'life', text: `its landing${onto} was taken back`, agents };
  if (state === 'landed') {
    const many = commits === 1 ? '1 commit' : `${commits} commits`;
    return { tone: 'life', text: `landed${onto}: ${many}`, agents };
  }
  const where = paths.length === 0 ? '' : ` (${some(paths)})`;
  const [first = '', ...more] = (message ?? 'it was stopped').split('\n');
  const detail = more.length === 0 ? {} : { detail: more.join('\n') };
  return { tone: 'fault', text: `not landed${onto}${where}: ${first}`, ...detail, agents };
}

const nameOf = (holder: Holder): string => holder.name;
const only = (agent: string | null): string[] => (agent === null ? [] : [agent]);

function some(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED).join(', ');
  return paths.length <= NAMED ? named : `${named} and ${paths.length - NAMED} more`;
}
