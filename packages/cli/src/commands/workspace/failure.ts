/** What the events of a workspace's making and removing tell, read as whoever shows it needs it. */
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';

export function failureOf(body: unknown): WorkspaceEvents['workspace.failed'] {
  return body as WorkspaceEvents['workspace.failed'];
}

export function outputOf(body: unknown): WorkspaceEvents['workspace.step'] {
  return body as WorkspaceEvents['workspace.step'];
}
