/** What no schema can say of a compose file: what refers to what, what goes with what, and that nothing goes in circles (rule B2). Pure. */
import type { ComposeFile, ComposeSession, ComposeWorkspace } from '@skein/protocol/compose/file';
import { urlProblem } from '@skein/protocol/workspaces/url';
import { checkAgent, checkTasks } from './meaning-agents.ts';
import { type Add, checkWorkspace } from './meaning-parts.ts';
import { afterOf, circleIn, meantNode, nodesOf } from './order.ts';
import { type FieldPath, meantBy, type Problems } from './problems.ts';
import type { ComposeValue } from './yaml-value.ts';

const KINDS = ['git', 'local', 'scratch', 'worktree'] as const;
/** Fields of a workspace that go with some kinds alone. */
const ONLY: Partial<Record<keyof ComposeWorkspace, readonly string[]>> = {
  ref: ['git'],
  depth: ['git'],
  branch: ['worktree'],
  guard: ['git', 'local'],
};

export function checkMeaning(file: ComposeFile, given: Pick<ComposeValue, 'at'>, problems: Problems): void {
  const add: Add = (field, message, name = false) => problems.add(given.at(field, name), field, message);
  checkWorkspaces(file, add);
  checkSessions(file, add);
  checkOrder(file, add);
  for (const [part, session] of Object.entries(file.sessions ?? {})) {
    const path = ['sessions', part];
    for (const [name, agent] of Object.entries(session.agents ?? {}))
      checkAgent(file, agent, session, [...path, 'agents', name], add);
    checkTasks(file, session, [...path, 'tasks'], add);
  }
}

function checkWorkspaces({ workspaces = {} }: ComposeFile, add: Add): void {
  for (const [name, one] of Object.entries(workspaces)) {
    if (one === 'scratch') continue;
    const path = ['workspaces', name];
    const kinds = KINDS.filter((kind) => one[kind] !== undefined);
    const [kind, second] = kinds;
    if (kind === undefined)
      add(path, 'it is one of git: URL, local: DIR, worktree: NAME, scratch: true', true);
    if (second !== undefined)
      add([...path, second], `it is ${kind} already; a workspace is one of them`, true);
    if (kind === undefined) continue;
    for (const [field, of] of Object.entries(ONLY))
      if (one[field as keyof ComposeWorkspace] !== undefined && !of.includes(kind))
        add([...path, field], `it is for ${of.join(' and ')}, and this one is ${kind}`, true);
    if (one.timeout !== undefined && one.setup === undefined && one.teardown === undefined)
      add([...path, 'timeout'], 'it is for setup and teardown, and there is neither', true);
    const problem = one.git === undefined || isPath(one.git) ? undefined : urlProblem(one.git);
    if (problem !== undefined) add([...path, 'git'], problem);
    if (one.worktree === name) add([...path, 'worktree'], 'it cannot be a worktree of itself');
    else if (one.worktree !== undefined) checkWorkspace(one.worktree, workspaces, [...path, 'worktree'], add);
  }
}

/** A directory of this machine; relative to the file. */
export function isPath(url: string): boolean {
  return url === '.' || url === '..' || /^(\.{1,2}|~)?\//.test(url);
}

function checkSessions({ sessions = {}, workspaces = {} }: ComposeFile, add: Add): void {
  const names = new Map<string, string>();
  const folded = new Set<string>();
  for (const [part, session] of Object.entries(sessions)) {
    const path = ['sessions', part];
    const name = session.name ?? part;
    const before = names.get(name);
    if (before !== undefined)
      add(
        session.name === undefined ? path : [...path, 'name'],
        `session ${before} is called "${name}" as well`,
        true,
      );
    names.set(name, part);
    // Its policy is a file by this name, and on some disks both are one.
    if (folded.has(part.toLowerCase())) add(path, 'another differs from it in its case alone', true);
    folded.add(part.toLowerCase());
    if (session.workspace !== undefined)
      checkWorkspace(session.workspace, workspaces, [...path, 'workspace'], add);
    checkSession(session, path, add);
  }
}

function checkSession(session: ComposeSession, path: FieldPath, add: Add): void {
  const agents = Object.entries(session.agents ?? {});
  if (session.terminal === undefined && agents.length === 0)
    add(path, 'nothing is in it: give it a terminal: or agents:', true);
  const own = agents.filter(([, { pty }]) => pty !== undefined && pty !== false);
  for (const [name] of session.terminal === undefined ? own.slice(1) : own)
    add([...path, 'agents', name, 'pty'], 'a session has one terminal, and this one is taken', true);
  const { terminal } = session;
  const sandboxed =
    typeof terminal === 'object' && !Array.isArray(terminal) && terminal.sandbox !== undefined;
  if (sandboxed && session.workspace === undefined)
    add([...path, 'terminal', 'sandbox'], 'it goes with a workspace:', true);
}

function checkOrder(file: ComposeFile, add: Add): void {
  const nodes = nodesOf(file);
  const names = nodes.map(({ id }) => id);
  for (const node of nodes)
    for (const { name, field } of afterOf(file, node)) {
      const id = meantNode(nodes, node, name);
      if (id === undefined) {
        const near = names.filter((one) => !one.startsWith('workspace '));
        add(field, `there is no "${name}" to start after${meantBy(name, near)}`);
      } else if (id === node.id) add(field, 'it cannot start after itself');
    }
  const circle = circleIn(file, nodes);
  if (circle === undefined) return;
  const [first] = circle;
  const node = nodes.find(({ id }) => id === first);
  if (circle.length > 1 && node !== undefined)
    add(node.at, `it goes in a circle: ${[...circle, first].join(' after ')}`, true);
}
