/** What is to be done to end what a compose file has made, and nothing else (rule B3). Pure. */
import type { Action } from './action.ts';
import { isAliveLife, ofProject, type Present, type PresentSession } from './present.ts';

/** Without `remove` all stays as it is, ended; with it nothing of it stays but directories that are the user's. */
export function planDown(project: string, present: Present, remove: boolean): Action[] {
  const sessions = ofProject(present.sessions, project).toReversed();
  const ends = sessions.flatMap((one) => (remove ? removing(one) : stopping(one, project)));
  if (!remove) return ends;
  const workspaces = ofProject(present.workspaces, project).toReversed();
  return [
    ...ends,
    // Worktrees come after what they are of, and go before it.
    ...workspaces.map(({ id, label }): Action => {
      const part = label?.part ?? '';
      return { do: 'workspace.remove', sign: '-', what: `workspace ${part}`, why: 'removed', part, id };
    }),
    ...Object.keys(present.policies).map((part): Action => {
      return { do: 'policy.remove', sign: '-', what: `policy of ${part}`, why: 'removed', part };
    }),
  ];
}

function removing({ id, label }: PresentSession): Action[] {
  const part = label?.part ?? '';
  return [{ do: 'session.remove', sign: '-', what: `session ${part}`, why: 'removed', part, id }];
}

function stopping({ id, label, terminal, agents }: PresentSession, project: string): Action[] {
  const part = label?.part ?? '';
  const runs = terminal === 'running' || terminal === 'starting';
  const own = ofProject(agents, project).filter(({ life }) => isAliveLife(life));
  return [
    ...own.map((agent): Action => {
      const what = `agent ${part}/${agent.name}`;
      return {
        do: 'agent.stop',
        sign: '-',
        what,
        why: 'stopped',
        part,
        agent: agent.name,
        session: id,
        id: agent.id,
      };
    }),
    ...(runs
      ? [
          {
            do: 'session.stop' as const,
            sign: '-' as const,
            what: `session ${part}`,
            why: 'stopped',
            part,
            id,
          },
        ]
      : []),
  ];
}
