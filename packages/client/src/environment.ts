/** The environment of this program, for one that is started on its behalf. */

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
