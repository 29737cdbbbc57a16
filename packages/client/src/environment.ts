/** The environment of this program, for one that is started on its behalf. */
import { resolveHome } from './home.ts';

/** Of the session that this program runs in, not of the one that it starts. */
const OWN = [
  'SKEIN_SESSION',
  'SKEIN_RUN',
  'SKEIN_AGENT',
  'SKEIN_WORKSPACE',
  'SKEIN_MAKING',
  'SKEIN_CAPABILITY',
];

export function ownEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [key, value] of Object.entries(env))
    if (value !== undefined && !OWN.includes(key)) vars[key] = value;
  return vars;
}

/** The same for a program of the node of this home, in which `skein` is to mean that node wherever it is. */
export function environmentIn(home: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const vars = ownEnvironment(env);
  return isFoundBy(env, home) ? vars : { ...vars, SKEIN_HOME: home };
}

/** Whether this home, and not another, is found from any directory. */
function isFoundBy(env: NodeJS.ProcessEnv, home: string): boolean {
  if (env.SKEIN_HOME) return env.SKEIN_HOME === home;
  try {
    return resolveHome(undefined, env) === home;
  } catch {
    return false;
  }
}
