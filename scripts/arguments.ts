/** The words behind `npm run bench --` and `npm run faults --`: what is none of theirs ends the program with status 2. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export function argumentsOf<T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return misused(`${(error as Error).message} See: --help`);
  }
}

/** A whole number that is not negative; undefined where none was given. */
export function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  return misused(`--${name} is a whole number, not "${text}".`);
}

export function misused(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}
