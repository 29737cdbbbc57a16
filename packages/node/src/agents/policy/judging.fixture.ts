/** The policies of a site's home, asked as an agent in its workspace has them asked (rule A5). */
import type { AgentEvents } from '@skein/protocol/agents/events';
import type { AgentState } from '@skein/protocol/agents/state';
import { LOCAL_OWNER } from '@skein/protocol/members/who';
import type { SessionState } from '@skein/protocol/sessions/state';
import type { Site } from '../definitions/site.fixture.ts';
import { Policies } from './policies.ts';

export async function judging(
  site: Site,
  by: unknown = LOCAL_OWNER,
  more: Partial<SessionState> = {},
  also?: unknown[],
) {
  const said: string[] = [];
  const policies = new Policies(site.home, (_, __, data) => void said.push(String(data?.why)));
  const state = { members: {}, rules: [], far: {}, ...more } as unknown as SessionState;
  const agent = {
    agent: 'a1',
    definition: 'claude',
    cwd: site.workspace,
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
