/** What set-up says, on stderr, one line a step; colour only where a person looks. */

const colour = process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

/** @param {string} code @param {string} text */
function paint(code, text) {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** A failure that its reader can mend: what happened, what to do, and optionally the output that shows it. */
export class SetupError extends Error {
  /** @param {string} what @param {string} todo @param {string} [output] */
  constructor(what, todo, output) {
    super(what);
    this.todo = todo;
    this.output = output;
  }
}

/** @param {string} line */
export function tell(line) {
  process.stderr.write(`${paint('36', 'setup')} ${line}\n`);
}

/** @param {SetupError} error */
export function tellError(error) {
  if (error.output) process.stderr.write(`${error.output.trimEnd()}\n`);
  process.stderr.write(`${paint('31', 'setup failed:')} ${error.message}\n${error.todo}\n`);
}
