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
