/** The modes in which Codex may work: pairs of an approval policy and a sandbox, as its own interface offers them. */
import type { Choice } from '@skein/protocol/agents/events';
import type { Options } from './wire.ts';

interface Mode extends Choice {
  approvalPolicy: NonNullable<Options['approvalPolicy']>;
  sandbox: NonNullable<Options['sandbox']>;
}

const MODES: Mode[] = [
  { id: 'read-only', name: 'Read only', approvalPolicy: 'on-request', sandbox: 'read-only' },
  { id: 'ask', name: 'Ask before commands', approvalPolicy: 'untrusted', sandbox: 'workspace-write' },
  { id: 'auto', name: 'Work in the workspace', approvalPolicy: 'on-request', sandbox: 'workspace-write' },
  { id: 'full-access', name: 'Never ask', approvalPolicy: 'never', sandbox: 'danger-full-access' },
];

export const MODE_CHOICES: Choice[] = MODES.map(({ id, name }) => ({ id, name }));

export function modeOf(id: string | null): Mode | undefined {
  return MODES.find((mode) => mode.id === id);
}

type OfRun = { [K in keyof Policy]: Policy[K] | undefined } & { mode: string | null };
export type Policy = { [K in 'approvalPolicy' | 'sandbox']: NonNullable<Options[K]> | null };

/** What holds of a run: its mode's policy, else its definition's; null is whatever the user's own configuration says. */
export function policyIn({ mode, approvalPolicy, sandbox }: OfRun): Policy {
  const chosen = modeOf(mode);
  return {
    approvalPolicy: chosen?.approvalPolicy ?? approvalPolicy ?? null,
    sandbox: chosen?.sandbox ?? sandbox ?? null,
  };
}

/** The one approval policy under which it asks before every change of a file, whatever its sandbox. */
export const ASKS = 'untrusted';

/** Names that are protected in a directory that may be written to. */
const PROTECTED = /(^|\/)(\.git|\.codex|\.agents)(\/|$)/;

/**
 * What a policy would have let through unasked, for one that is made to ask. Never a command in a sandbox: one that is allowed
 * by an answer runs outside of it.
 */
export function letsUnasked(
  { approvalPolicy, sandbox }: Policy,
  about: 'command' | 'change' | 'permissions',
  { paths, cwd, reason }: { paths: readonly string[]; cwd: string; reason: boolean },
): 'anywhere' | 'inside' | undefined {
  if (about === 'permissions' || approvalPolicy === null || approvalPolicy === ASKS) return undefined;
  if (sandbox === 'danger-full-access') {
    // What it asks for with a reason it would have asked for by itself.
    const itself = approvalPolicy === 'on-request' && reason;
    return itself ? undefined : 'anywhere';
  }
  if (about === 'command' || sandbox !== 'workspace-write' || reason) return undefined;
  const plain = (path: string) => !PROTECTED.test(path) && !path.split('/').includes('..');
  const inside = paths.every((path) => plain(path) && (!path.startsWith('/') || path.startsWith(`${cwd}/`)));
  return paths.length > 0 && inside ? 'inside' : undefined;
}

const POLICIES: Record<Mode['sandbox'], object> = {
  'read-only': { type: 'readOnly', networkAccess: false },
  'workspace-write': {
    type: 'workspaceWrite',
    writableRoots: [],
    networkAccess: false,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  },
  'danger-full-access': { type: 'dangerFullAccess' },
};

/** A sandbox as `turn/start` wants it. */
export const policyOf = (sandbox: Mode['sandbox']): object => POLICIES[sandbox];
