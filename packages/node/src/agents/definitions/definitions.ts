/**
 * Everything that reads definitions and policies, as one module that is loaded when it is needed (load.ts): a node without
 * agents, and most commands, never pay for a reader of YAML.
 */
import { checkPolicy, readPolicies } from '../policy/read-policies.ts';
import { builtIn } from './built-in.ts';
import { listDefinitions } from './list.ts';
import { workspaceOf } from './places.ts';
import { readDefinition, resolveDefinition } from './resolve.ts';
import { Trust, workspaceFiles } from './trust.ts';

export const definitions = {
  builtIn,
  checkPolicy,
  listDefinitions,
  readDefinition,
  readPolicies,
  resolveDefinition,
  Trust,
  workspaceFiles,
  workspaceOf,
};
