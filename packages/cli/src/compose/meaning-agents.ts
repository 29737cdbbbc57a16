/** What no schema can say of the agents and tasks of a compose file (rule B2). Pure. */
import type { ComposeAgent, ComposeFile, ComposeSession } from '@skein/protocol/compose/file';
import { type Add, checkWorkspace } from './meaning-parts.ts';
import { type FieldPath, meantBy } from './problems.ts';
import { taskCircle } from './wanted-tasks.ts';

export function checkAgent(
  file: ComposeFile,
  agent: ComposeAgent,
  session: ComposeSession,
  path: FieldPath,
  add: Add,
): void {
  const { workspaces = {} } = file;
  const { on, workspace, worktree } = agent;
  if (workspace !== undefined) checkWorkspace(workspace, workspaces, [...path, 'workspace'], add);
  else if (worktree !== undefined && session.workspace === undefined)
    add([...path, 'worktree'], 'it goes with a workspace:', true);
  if (on === undefined) return;
  checkMachine(file, on, [...path, 'on'], add);
  checkElsewhere(agent, path, add);
}

/** What can be said of an agent on another machine. */
function checkElsewhere(
  { cwd, workspace, worktree, pty, env }: ComposeAgent,
  path: FieldPath,
  add: Add,
): void {
  if (worktree !== undefined)
    add([...path, 'worktree'], 'on another machine it has a clone of its own', true);
  if (pty !== undefined && pty !== false) add([...path, 'pty'], 'it is for agents on this machine', true);
  if (env !== undefined)
    add([...path, 'env'], 'on another machine it has the environment of the node there', true);
  if (cwd === undefined) return;
  if (!/^(~?\/)/.test(cwd)) add([...path, 'cwd'], 'a directory of another machine is whole: /… or ~/…');
  if (workspace !== undefined)
    add(
      [...path, 'cwd'],
      'it is a directory of that machine, or a workspace of this one is handed over: say one',
      true,
    );
}

function checkMachine({ machines = {} }: ComposeFile, name: string, field: FieldPath, add: Add): void {
  if (Object.hasOwn(machines, name)) return;
  const names = Object.keys(machines);
  const none = names.length === 0 ? '; say it under machines:' : meantBy(name, names);
  add(field, `there is no machine "${name}" in this file${none}`);
}

export function checkTasks(file: ComposeFile, session: ComposeSession, path: FieldPath, add: Add): void {
  const { tasks = {}, agents = {} } = session;
  for (const [name, task] of Object.entries(tasks)) {
    const at = [...path, name];
    if (task.to !== undefined && task.agent !== undefined)
      add([...at, 'agent'], 'it is for an agent of this session already: to', true);
    if (task.to !== undefined && !Object.hasOwn(agents, task.to))
      add(
        [...at, 'to'],
        `there is no agent "${task.to}" in this session${meantBy(task.to, Object.keys(agents))}`,
      );
    for (const field of ['workspace', 'on'] as const)
      if (task[field] !== undefined && task.agent === undefined)
        add([...at, field], 'it is for an agent that is started: say agent:', true);
    if (task.workspace !== undefined)
      checkWorkspace(task.workspace, file.workspaces ?? {}, [...at, 'workspace'], add);
    if (task.on !== undefined) checkMachine(file, task.on, [...at, 'on'], add);
    const worker = task.to !== undefined && Object.hasOwn(agents, task.to) ? agents[task.to] : undefined;
    if ((task.on ?? worker?.on) !== undefined && task.check !== undefined)
      add([...at, 'check'], 'what is done on another machine is checked there, by the agent', true);
    const others = Object.keys(tasks).filter((one) => one !== name);
    for (const [i, need] of (task.needs ?? []).entries())
      if (!Object.hasOwn(tasks, need))
        add([...at, 'needs', i], `there is no task "${need}" in this session${meantBy(need, others)}`);
  }
  const circle = taskCircle(tasks);
  if (circle?.[0] !== undefined)
    add([...path, circle[0]], `it goes in a circle: ${[...circle, circle[0]].join(' needs ')}`, true);
}
