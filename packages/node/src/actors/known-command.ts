/** The commands that somebody answers to; any other is refused by name, with those that there are (rule K5). */
import { SkeinError } from '@skein/protocol/errors';

/** `whom` begins the sentence: `A session`. Throws `unknown_command`. */
export function knownCommand<T extends object>(commands: T, type: string, whom: string): keyof T {
  if (Object.hasOwn(commands, type)) return type as keyof T;
  throw unknownCommand(type, whom, Object.keys(commands));
}

export function unknownCommand(type: string, whom: string, known?: readonly string[]): SkeinError {
  const message = `${whom} knows no command "${type}".`;
  return new SkeinError('unknown_command', message, known === undefined ? undefined : { known });
}
