/** The policies of a site's home, asked as an agent in its workspace has them asked (rule A5). */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentState } from '@skein/protocol/agents/state';
import { keyed } from '@skein/protocol/keyed';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import { emptyNode } from '@skein/protocol/sessions/node-state';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Site } from '../definitions/site.fixture.ts';
import { Policies } from './policies.ts';

/** The node's index: a base and the worktree of it, if there is one. */
export function indexOf(root: string, base?: string) {
  const all =
    base === undefined
      ? []
      : [
          { id: 'base', root: base, of: null },
          { id: 'tree', root, of: 'base' },
        ];
  const workspaces = keyed(all.map((one) => [one.id, one]));
  return { peek: <S>() => ({ ...emptyNode(), workspaces }) as S };
}

export async function judging(
  site: Site,
  by: unknown = LOCAL_OWNER,
  more: Partial<SessionState> = {},
  also?: unknown[],
  /** What the agent's directory is a worktree of. */
  base?: string,
) {
  const said: string[] = [];
  const log = (_: unknown, __: unknown, data?: Record<string, unknown>) => void said.push(String(data?.why));
  const policies = new Policies(site.home, log, indexOf(site.workspace, base));
  const state = { members: {}, rules: [], far: {}, ...more } as unknown as SessionState;
  const agent = {
    agent: 'a1',
    definition: 'claude',
    cwd: site.workspace,
    ...(base === undefined ? {} : { workspace: { id: 'tree', name: 'tree', root: site.workspace } }),
    turn: { turn: 't', by, ...(also === undefined ? {} : { also }) },
  } as AgentState;
  const ask = (more: Partial<AgentEvents['approval.asked']>) =>
    policies.judge(
      state,
      agent,
    )({
      ...{ run: 'r', turn: 't', call: 'c', approval: 'p', title: 'Edit', options: [] },
      ...{ name: 'Edit', kind: 'edit', paths: [] },
      ...more,
    });
  await policies.prepare();
  return { ask, said, edits: (...paths: string[]) => ask({ paths })?.answer };
}
