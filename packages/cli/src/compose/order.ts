/** In which order the things of a compose file come: what one needs is before it (rule B1). Pure. */
import type { ComposeFile } from '@skein/protocol/compose/file';
import type { FieldPath } from './problems.ts';

export interface Node {
  kind: 'workspace' | 'session' | 'agent';
  /** `workspace NAME`, `SESSION`, `SESSION/AGENT`. */
  id: string;
  session?: string;
  name: string;
  at: FieldPath;
}

/** Everything of a file, in its order. */
export function nodesOf({ workspaces = {}, sessions = {} }: ComposeFile): Node[] {
  const spaces = Object.keys(workspaces).map(
    (name): Node => ({ kind: 'workspace', id: `workspace ${name}`, name, at: ['workspaces', name] }),
  );
  const others = Object.entries(sessions).flatMap(([session, { agents = {} }]): Node[] => [
    { kind: 'session', id: session, session, name: session, at: ['sessions', session] },
    ...Object.keys(agents).map((name): Node => {
      const at = ['sessions', session, 'agents', name];
      return { kind: 'agent', id: `${session}/${name}`, session, name, at };
    }),
  ]);
  return [...spaces, ...others];
}

/** What a thing's `depends_on` says, with where. */
export function afterOf(
  file: ComposeFile,
  { kind, session, name, at }: Node,
): { name: string; field: FieldPath }[] {
  const whole = session === undefined ? undefined : file.sessions?.[session];
  const after =
    kind === 'session' ? whole?.depends_on : kind === 'agent' ? whole?.agents?.[name]?.depends_on : [];
  if (after === undefined) return [];
  const field = [...at, 'depends_on'];
  return Array.isArray(after)
    ? after.map((one, i) => ({ name: one, field: [...field, i] }))
    : [{ name: after, field }];
}

/** What a name in `depends_on` means: an agent beside it, else a session or `session/agent`. */
export function meantNode(nodes: readonly Node[], of: Node, name: string): string | undefined {
  const beside = of.session === undefined || of.kind !== 'agent' ? undefined : `${of.session}/${name}`;
  return [beside, name].find(
    (id) => id !== undefined && nodes.some((one) => one.id === id && one.kind !== 'workspace'),
  );
}

/** What a thing needs, by id: what it is to start after, and what it lies in. */
function needs(file: ComposeFile, nodes: readonly Node[], node: Node): string[] {
  const after = afterOf(file, node).flatMap(({ name }) => meantNode(nodes, node, name) ?? []);
  if (node.kind === 'workspace') {
    const one = file.workspaces?.[node.name];
    const base = typeof one === 'object' ? one.worktree : undefined;
    return base === undefined ? [] : [`workspace ${base}`];
  }
  const session = file.sessions?.[node.session ?? ''];
  const workspace =
    (node.kind === 'agent' ? session?.agents?.[node.name]?.workspace : undefined) ?? session?.workspace;
  const inside = workspace === undefined ? [] : [`workspace ${workspace}`];
  // An agent is in its session; what that waits for it waits for too.
  return [
    ...inside,
    ...(node.kind === 'agent' && node.session !== undefined ? [node.session] : []),
    ...after,
  ];
}

/** The ids of a circle, each after the next; undefined where there is none. */
export function circleIn(file: ComposeFile, nodes: readonly Node[]): string[] | undefined {
  const all = new Map(nodes.map((node) => [node.id, needs(file, nodes, node)]));
  const done = new Set<string>();
  const look = (id: string, way: readonly string[]): string[] | undefined => {
    const begun = way.indexOf(id);
    if (begun >= 0) return way.slice(begun);
    if (done.has(id)) return undefined;
    for (const next of all.get(id) ?? []) {
      const circle = next === id ? [id] : look(next, [...way, id]);
      if (circle !== undefined) return circle;
    }
    done.add(id);
    return undefined;
  };
  for (const { id } of nodes) {
    const circle = look(id, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** All of a file without circles, each after what it needs, else in the order of the file. */
export function inOrder(file: ComposeFile): Node[] {
  const nodes = nodesOf(file);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  const ordered: Node[] = [];
  const visit = (node: Node) => {
    if (done.has(node.id)) return;
    done.add(node.id);
    for (const id of needs(file, nodes, node)) {
      const before = byId.get(id);
      if (before !== undefined) visit(before);
    }
    ordered.push(node);
  };
  for (const node of nodes) visit(node);
  return ordered;
}
