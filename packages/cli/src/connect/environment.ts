/** The caller's environment, for a program that is started on their behalf. */
import { environmentIn } from '@skein/client/environment';
import { SkeinError } from '@skein/protocol/errors';

/** With what was given as NAME=VALUE; throws `bad_request`. In it `skein` means the node of this home. */
export function callersEnvironment(home: string, given: readonly string[] = []): Record<string, string> {
  const vars = environmentIn(home);
  for (const pair of given) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new SkeinError('bad_request', `--env takes NAME=VALUE, not "${pair}".`);
    vars[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return vars;
}
