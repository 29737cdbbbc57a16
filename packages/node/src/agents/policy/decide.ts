/**
 * What policies say to what an agent asks (rule A5). Pure: paths come resolved (located.ts), files read (read-policies.ts).
 *
 * Of a policy the first rule that fits wins. What is not known fits no `allow`; and where a rule before it could have said
 * `ask` or `deny`, had more been known, an `allow` is no more than `ask`. So that to tell less never gets an agent more.
 */
import type { AskedPlaces, ToolKind } from '@skein/protocol/agents/events';
import type { Condition, PolicyAnswerKind } from '@skein/protocol/agents/policy-rules';
import type { Rule as SessionRule } from '@skein/protocol/agents/state';
import type { Role } from '@skein/protocol/members/roles';
import { holdsFor } from './always.ts';
import { innermost, simpleWords } from './command.ts';
import { findCommand } from './denied.ts';
import { fitsPath, fitsText, namesOf, pathGlob } from './glob.ts';

export interface PolicyRule {
  answer: PolicyAnswerKind;
  when: Condition;
  /** As people find it: `policy.yaml:12`. */
  rule: string;
}

export interface Policy {
  rules: readonly PolicyRule[];
  /** Of a workspace: it can only make things stricter, and what it allows is left to the others. */
  stricter: boolean;
  /** What its relative paths begin at, instead of the agent's directory. */
  base?: string;
}

/** A path as it is written or as it really is, absolute. */
export type AskedPath = AskedPlaces['paths'][number];

/** What an agent wants to do. Null is what is not known. */
export interface Asked {
  /** Its definition's name. */
  agent: string;
  tool: string | null;
  kind: ToolKind;
  paths: readonly AskedPath[] | null;
  /** There are more paths than these. */
  more?: boolean;
  command: string | null;
  /** Further words that tell of it, such as its title: enough to deny by, never to allow by. */
  words?: string | undefined;
  /** Of whoever prompted the turn. */
  role: Role | null;
  /** The agent's directory as it is written, and as it really is. */
  cwd: readonly string[];
  /** The user's directory, likewise. */
  homes: readonly string[];
}

export interface Decided {
  answer: PolicyAnswerKind;
  /** Null when no rule says anything, which is to ask. */
  rule: string | null;
}

const STRICTNESS: Record<PolicyAnswerKind, number> = { allow: 0, ask: 1, deny: 2 };

/** A call of several paths is judged for each, and the strictest answer holds. */
export function decide(policies: readonly Policy[], asked: Asked): Decided {
  const own = { rules: policies.filter(({ stricter }) => !stricter).flatMap(({ rules }) => rules) };
  const theirs = policies.filter(({ stricter }) => stricter);
  const told = asked.paths ?? [];
  const subjects = told.length === 0 || asked.more ? [...told, null] : told;
  return subjects
    .map((path) => {
      const mine = firstOf(own, asked, path) ?? { answer: 'ask' as const, rule: null };
      const others = theirs.map((policy) => firstOf(policy, asked, path));
      return others.reduce<Decided>(
        (a, b) => (b === undefined || b.answer === 'allow' ? a : stricter(a, b)),
        mine,
      );
    })
    .reduce(stricter);
}

/** An answer without people, if there is one: denials of policies, then what was answered for always, then what policies allow. */
export function answerFor(
  policies: readonly Policy[],
  rules: readonly SessionRule[],
  asked: Asked & { agentId: string; title: string; same?: string | undefined },
): { answer: 'allow' | 'deny'; rule: string } | undefined {
  const { answer, rule } = decide(policies, asked);
  const told = rule ?? '';
  if (answer === 'deny') return { answer, rule: told };
  const like = rules.filter((one) => one.agent === asked.agentId && holdsFor(one, asked));
  const always = like.find((one) => one.answer === 'deny') ?? like[0];
  if (always !== undefined) return { answer: always.answer, rule: always.rule };
  return answer === 'allow' ? { answer, rule: told } : undefined;
}

function stricter(a: Decided, b: Decided): Decided {
  return STRICTNESS[b.answer] > STRICTNESS[a.answer] ? b : a;
}

/** Undefined when no rule fits. */
function firstOf(
  { rules, base }: Pick<Policy, 'rules' | 'base'>,
  asked: Asked,
  path: AskedPath | null,
): Decided | undefined {
  const bases = base === undefined ? asked.cwd : [base];
  let doubt: string | undefined;
  for (const { answer, when, rule } of rules) {
    const fits = every(when, answer === 'allow', asked, path, bases);
    if (fits === 'yes') {
      if (answer === 'allow' && doubt !== undefined) return { answer: 'ask', rule: doubt };
      return { answer, rule };
    }
    if (fits === 'unknown' && answer !== 'allow') doubt ??= rule;
  }
  return doubt === undefined ? undefined : { answer: 'ask', rule: doubt };
}

type Fits = 'yes' | 'no' | 'unknown';

function every(
  when: Condition,
  allows: boolean,
  asked: Asked,
  path: AskedPath | null,
  bases: readonly string[],
): Fits {
  const all = [
    fitsWord(when.tool, asked.tool),
    fitsWord(when.agent, asked.agent),
    fitsWord(when.role, asked.role),
    fitsKind(when.kind, asked.kind),
    when.path === undefined ? 'yes' : fitsPlace(listed(when.path), allows, asked, path, bases),
    when.command === undefined ? 'yes' : fitsCommand(when, allows, asked),
  ] as const;
  return all.includes('no') ? 'no' : all.includes('unknown') ? 'unknown' : 'yes';
}

function fitsWord(wanted: string | string[] | undefined, given: string | null): Fits {
  if (wanted === undefined) return 'yes';
  if (given === null) return 'unknown';
  return listed(wanted).some((glob) => fitsText(glob, given)) ? 'yes' : 'no';
}

function fitsKind(wanted: ToolKind | ToolKind[] | undefined, given: ToolKind): Fits {
  if (wanted === undefined || listed(wanted).includes(given)) return 'yes';
  // Of those it may be any.
  return given === 'other' ? 'unknown' : 'no';
}

/** Kinds of call that touch no file of this machine. */
const PLACELESS: readonly ToolKind[] = ['think', 'fetch', 'switch_mode'];
/** Kinds of call that may run a program. */
const RUNNING: readonly ToolKind[] = ['execute', 'other'];

function fitsPlace(
  globs: readonly string[],
  allows: boolean,
  asked: Asked,
  path: AskedPath | null,
  bases: readonly string[],
): Fits {
  const { kind, command, homes } = asked;
  // The paths that are told of a command are some of those that it touches.
  const runs = command !== null || RUNNING.includes(kind);
  if (path === null) return PLACELESS.includes(kind) && !runs ? 'no' : 'unknown';
  const names = namesOf(path.path);
  const fits = globs.flatMap((glob) =>
    bases.flatMap((base) => homes.map((home) => fitsPath(pathGlob(glob, base, home), names))),
  );
  if (allows) {
    if (runs) return 'unknown';
    return fits.some(({ all, itself }) => all || (itself && !path.tree)) ? 'yes' : 'no';
  }
  if (fits.some(({ itself }) => itself)) return 'yes';
  return runs || (path.tree && fits.some(({ below }) => below)) ? 'unknown' : 'no';
}

function fitsCommand({ command: wanted = [], shell }: Condition, allows: boolean, asked: Asked): Fits {
  const globs = listed(wanted);
  const { command, kind, words } = asked;
  if (command === null) {
    if (!RUNNING.includes(kind)) return 'no';
    return !allows && words !== undefined && findCommand(globs, words) === 'yes' ? 'yes' : 'unknown';
  }
  if (!allows) return findCommand(globs, command);
  const inner = innermost(command);
  const simple = simpleWords(inner) !== undefined;
  return (simple || shell === true) && globs.some((glob) => fitsText(glob, inner)) ? 'yes' : 'no';
}

function listed<T>(one: T | readonly T[]): readonly T[] {
  return Array.isArray(one) ? (one as readonly T[]) : [one as T];
}
