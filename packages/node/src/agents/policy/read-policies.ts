/** Reads the policies that hold for an agent (rule A5): the user's, its definition's, its workspace's. */
import fs from 'node:fs';
import path from 'node:path';
import { ANSWERS, policyFile, type RuleSpec } from '@skein/protocol/agents/policy-rules';
import { SkeinError } from '@skein/protocol/errors';
import { shellWord } from '@skein/protocol/text/words';
import { composePolicy, readOnce, WORKSPACE_FOLDER } from '../definitions/places.ts';
import { type Resolved, readDefinition, resolveDefinition, type Where } from '../definitions/resolve.ts';
import { invalid, START } from '../definitions/text-file.ts';
import { Trust } from '../definitions/trust.ts';
import { type Read, readYaml } from '../definitions/yaml-file.ts';
import type { Policy, PolicyRule } from './decide.ts';

export interface PoliciesRead {
  policies: Policy[];
  /** What could not be read: everything is asked about until it can. */
  problems: SkeinError[];
}

export const POLICY_FILE = 'policy.yaml';

/** Of a session, where a compose file has made it, that too. */
export interface PolicyWhere extends Where {
  compose?: { project: string; part: string } | undefined;
  /** Where the agent works in a worktree that Skein has made: its root, and that of its base, of which the user may have agreed to something. */
  tree?: { root: string; base: string } | undefined;
}

/** For the agents of one definition in one directory. Throws nothing. */
export function readPolicies(definition: string, where: PolicyWhere): PoliciesRead {
  const policies: Policy[] = [];
  const problems: SkeinError[] = [];
  const parts = [
    () => ofUser(where.home),
    () => ofCompose(where),
    () => ofDefinition(definition, where),
    ...workspacesOf(definition, where),
  ];
  for (const part of parts) {
    try {
      const policy = part();
      if (policy !== undefined) policies.push(policy);
    } catch (thrown) {
      const error = SkeinError.from(thrown);
      problems.push(error);
      // It may have held a denial: nothing is allowed without it.
      const file = typeof error.data?.file === 'string' ? error.data.file : definition;
      policies.push({ stricter: true, rules: [{ answer: 'ask', when: {}, rule: path.basename(file) }] });
    }
  }
  return { policies, problems };
}

function ofUser(home: string): Policy | undefined {
  const file = path.join(home, POLICY_FILE);
  const bytes = readPolicy(file);
  return bytes === undefined ? undefined : { stricter: false, rules: rulesIn(file, bytes, POLICY_FILE) };
}

/** Undefined where there is none. What is there and is no file, such as a link that leads nowhere, cannot be read. */
function readPolicy(file: string): Buffer | undefined {
  const bytes = readOnce(file);
  if (bytes === undefined && fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw invalid(file, START, '', 'it is no file that could be read');
  return bytes;
}

/** The machine's user has put it there: it is theirs as much as that of their home, which comes before it. */
function ofCompose({ home, compose }: PolicyWhere): Policy | undefined {
  if (compose === undefined) return undefined;
  const file = composePolicy(home, compose);
  const bytes = readPolicy(file);
  const shown = `${compose.project}/${path.basename(file)}`;
  return bytes === undefined ? undefined : { stricter: false, rules: rulesIn(file, bytes, shown) };
}

/** Of a workspace's it is told with the workspace's policy. */
function ofDefinition(name: string, where: Where): Policy | undefined {
  const resolved = resolveDefinition(name, where);
  return resolved.workspace === undefined ? { stricter: false, rules: permissionsOf(resolved) } : undefined;
}

function permissionsOf({ definition, source, at }: Resolved): PolicyRule[] {
  const shown = `agents/${path.basename(source)}`;
  return rulesOf(definition.permissions, shown, (at_) => at?.(['permissions', at_])?.line);
}

/** Where it is not known what the user has agreed to, that cannot be read. */
function workspacesOf(name: string, where: PolicyWhere): (() => Policy | undefined)[] {
  try {
    return ofWorkspaces(name, where);
  } catch (error) {
    return [
      () => {
        throw error;
      },
    ];
  }
}

/**
 * Of every directory at or above the agent's in which the user has agreed to something, not of the nearest alone: an agent can make
 * a nearer one where it works. What was agreed to holds, or it cannot be read: to change or remove it lifts no denial.
 */
function ofWorkspaces(name: string, { home, cwd, tree }: PolicyWhere): (() => Policy | undefined)[] {
  const trust = new Trust(home);
  const own = path.join('agents', `${name}.yaml`);
  const above = trust.agreedAbove(cwd).map((workspace) => ({ workspace, base: workspace }));
  // A worktree lies elsewhere; and what it is of is known to the node, whatever lies in it.
  const all = tree === undefined ? above : [...above, { workspace: tree.base, base: tree.root }];
  return all.flatMap(({ workspace, base }) => {
    const agreed = trust.agreedIn(workspace);
    const stricter = (relative: string, rulesOf: (file: string, bytes: Buffer) => PolicyRule[]) => () => {
      if (!agreed.includes(relative)) return undefined;
      const file = path.join(workspace, WORKSPACE_FOLDER, relative);
      const bytes = readPolicy(file);
      if (bytes === undefined || !trust.has(workspace, relative, bytes)) throw changed(workspace, file);
      return { stricter: true, rules: rulesOf(file, bytes), base };
    };
    return [
      stricter(POLICY_FILE, (file, bytes) => rulesIn(file, bytes, `${WORKSPACE_FOLDER}/${POLICY_FILE}`)),
      stricter(own, (file, bytes) =>
        permissionsOf(readDefinition({ source: file, bytes, base: workspace }, name)),
      ),
    ];
  });
}

function changed(workspace: string, file: string): SkeinError {
  return new SkeinError(
    'not_trusted',
    `${file} is not any more what you have agreed to, and may have held a denial.`,
    {
      workspace,
      file,
      advice: `Look at it, and agree to it as it is: skein agent trust ${shellWord(workspace)} (or --withdraw)`,
    },
  );
}

/** How many rules a policy's file has; throws `definition_invalid`. */
export function checkPolicy(file: string, bytes: Buffer): number {
  return rulesIn(file, bytes, POLICY_FILE).length;
}

/** Throws `definition_invalid`. */
function rulesIn(file: string, bytes: Buffer, shown: string): PolicyRule[] {
  const { value, at }: Read<{ rules: RuleSpec[] }> = readYaml(file, bytes, policyFile);
  return rulesOf(value.rules, shown, (index) => at(['rules', index])?.line);
}

function rulesOf(
  specs: readonly RuleSpec[],
  shown: string,
  lineOf: (index: number) => number | undefined,
): PolicyRule[] {
  return specs.flatMap((spec, index) =>
    ANSWERS.flatMap((answer) => {
      const when = (spec as Partial<Record<typeof answer, PolicyRule['when']>>)[answer];
      return when === undefined ? [] : [{ answer, when, rule: `${shown}:${lineOf(index) ?? 1}` }];
    }),
  );
}
