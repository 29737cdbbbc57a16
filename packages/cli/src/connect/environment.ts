/** The caller's environment, for a program that is started on their behalf. */
import { SkeinError } from '@skein/protocol/errors';

/** With what was given as NAME=VALUE; throws `bad_request`. */
export function callersEnvironment(given: readonly string[] = []): Record<string, string> {
  const vars: Record<string, string> = {};
  for (const [key, value] of Object.entries(process.env)) if (value !== undefined) vars[key] = value;
  // Of the session that this command runs in, not of the one that it starts.
  delete vars.SKEIN_SESSION;
  delete vars.SKEIN_RUN;
  delete vars.SKEIN_AGENT;
  delete vars.SKEIN_WORKSPACE;
  delete vars.SKEIN_MAKING;
  for (const pair of given) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new SkeinError('bad_request', `--env takes NAME=VALUE, not "${pair}".`);
    vars[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return vars;
}
