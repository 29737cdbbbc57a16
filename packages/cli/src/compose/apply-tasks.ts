/** Gives the tasks of a compose file (rule B3). */
import { type ApplyContext, machineOf, once } from './apply-context.ts';
import { taskId } from './present.ts';

export async function addTask(context: ApplyContext, part: string, name: string): Promise<void> {
  const { client, wanted, ids } = context;
  const task = wanted.sessions[part]?.tasks.find((one) => one.name === name);
  if (task === undefined) return;
  const session = ids.session(part);
  const { text, to, agent, workspace, on, needs, anyway = false, deadline, retries = 0, check } = task;
  const body = {
    ...{ task: taskId(session, name), text, needs: needs.map((one) => taskId(session, one)) },
    ...{ anyway, retries },
    ...(to === undefined ? {} : { to: ids.agent(part, to) }),
    ...(agent === undefined ? {} : { definition: agent }),
    ...(workspace === undefined ? {} : { workspace: ids.workspace(workspace) }),
    ...(on === undefined ? {} : { on: await machineOf(client, on) }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(check === undefined ? {} : { check }),
  };
  await once(client.command(`session/${session}`, 'task.add', body));
}
