/** Whether a word on the command line is an agent's definition rather than a program (rule A3). Loads nothing that reads them. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  definitionPath,
  userDefinitions,
  WORKSPACE_FOLDER,
  workspaceOf,
} from '@skein/node/agents/definitions/places';

/** Those that come with Skein. */
export const BUILT_IN = ['claude', 'codex', 'opencode', 'gemini'];

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

/** One that is there and cannot be used counts: whoever asks for it is told why. */
export function isDefinition(word: string, home: string, cwd: string): boolean {
  if (!NAME.test(word)) return false;
  if (BUILT_IN.includes(word) || existsSync(definitionPath(userDefinitions(home), word))) return true;
  const workspace = workspaceOf(cwd);
  return (
    workspace !== undefined &&
    existsSync(definitionPath(path.join(workspace, WORKSPACE_FOLDER, 'agents'), word))
  );
}
