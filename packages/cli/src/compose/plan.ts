/** From what a compose file wants and what is there to what is to be done (rules B1, B3). Pure. */
import type { Action, Plan, PlanOptions } from './action.ts';
import { Draft } from './draft.ts';
import { planAgent } from './plan-agents.ts';
import { planMachines, planTasks } from './plan-others.ts';
import { planSession } from './plan-sessions.ts';
import { planWorkspace } from './plan-workspaces.ts';
import { ofProject, type Present } from './present.ts';
import { inTurn } from './renames.ts';
import type { Wanted } from './wanted.ts';

export function planUp(wanted: Wanted, present: Present, options: PlanOptions): Plan {
  const draft = new Draft(wanted, present, options);
  for (const node of wanted.order) {
    if (node.kind === 'workspace') planWorkspace(draft, node);
    else if (node.kind === 'session') planSession(draft, node);
    else planAgent(draft, node);
  }
  for (const session of Object.values(wanted.sessions)) planTasks(draft, session);
  const machines = planMachines(draft);
  const { ends, renames, makes, held, notes, conflicts } = draft;
  const old = gone(draft);
  // Rules hold before there is anybody to ask; what is needed goes after what needs it, and comes before it.
  const actions = [
    ...policies(draft),
    ...machines,
    ...old.ends,
    ...ends.toReversed(),
    ...old.workspaces,
    ...inTurn(renames, present.sessions),
    ...makes,
    ...old.policies,
  ];
  return { actions, held, notes, conflicts };
}

function policies(draft: Draft): Action[] {
  return Object.values(draft.wanted.sessions).flatMap(({ part, policy }): Action[] => {
    const was = draft.present.policies[part];
    if (was === policy) return [];
    const what = `policy of ${part}`;
    if (policy === undefined)
      return [{ do: 'policy.remove', sign: '-', what, why: 'no rules any more', part }];
    const [sign, why] =
      was === undefined ? (['+', 'written'] as const) : (['~', 'its rules have changed'] as const);
    return [{ do: 'policy.write', sign, what, why, part, text: policy }];
  });
}

/** What the file has made before and does not name any more. */
function gone(draft: Draft): { ends: Action[]; workspaces: Action[]; policies: Action[] } {
  const { project, workspaces, sessions } = draft.wanted;
  const ends: Action[] = [];
  const away: Action[] = [];
  const why = 'not in the file any more';
  const put = (list: Action[], action: Action) => {
    if (draft.options.prune) list.push(action);
    else draft.hold('-', action.what, why, 'prune');
  };
  for (const one of ofProject(draft.present.sessions, project)) {
    const part = one.label?.part ?? '';
    const wanted = sessions[part];
    if (wanted === undefined) {
      put(ends, { do: 'session.remove', sign: '-', what: `session ${part}`, why, part, id: one.id });
      continue;
    }
    if (draft.anew.has(part)) continue;
    for (const agent of ofProject(one.agents, project))
      if (wanted.agents[agent.name] === undefined)
        put(ends, {
          do: 'agent.remove',
          sign: '-',
          what: `agent ${part}/${agent.name}`,
          why,
          part,
          agent: agent.name,
          session: one.id,
          id: agent.id,
        });
  }
  for (const { id, label } of ofProject(draft.present.workspaces, project).toReversed())
    if (label !== undefined && workspaces[label.part] === undefined)
      put(away, {
        do: 'workspace.remove',
        sign: '-',
        what: `workspace ${label.part}`,
        why,
        part: label.part,
        id,
      });
  const left = Object.keys(draft.present.policies).filter((part) => sessions[part] === undefined);
  const policies = left.map(
    (part): Action => ({ do: 'policy.remove', sign: '-', what: `policy of ${part}`, why, part }),
  );
  return { ends, workspaces: away, policies: draft.options.prune ? policies : [] };
}
