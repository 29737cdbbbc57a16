/**
 * Everything that reads definitions and policies, as one module that is loaded when it is needed (load.ts): a node without
 * agents, and most commands, never pay for a reader of YAML.
 */

import { readPolicies } from '../policy/read-policies.ts';
import { BUILT_IN_NAMES } from './built-in.ts';
import { listDefinitions } from './list.ts';
import { resolveDefinition } from './resolve.ts';

export const definitions = { BUILT_IN_NAMES, listDefinitions, readPolicies, resolveDefinition };
