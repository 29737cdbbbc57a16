/** How a failure is told: one sentence with its code on stderr, and what to do; JSON when JSON was asked for. */
import { ERROR_CODES, type ErrorCode, SkeinError } from '@skein/protocol/errors';
import { complain, jsonText, writeAll } from './write.ts';

/** What to do, where the sentence itself does not say. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  node_unreachable: 'Start it with: skein up · find out why with: skein doctor',
  start_timeout: 'See why with: skein doctor, skein logs',
  unknown_command: 'That node is of another build than this command. Bring both to one, there: skein restart',
  unsupported_version: 'Bring both to one version: skein restart',
  program_not_found: 'Give its path, or look at your PATH.',
  storage_unavailable: 'Make room on the disk, then try again.',
  mailbox_full: 'Try again in a moment.',
  log_damaged: 'See: skein doctor',
  no_terminal: 'What was said: skein transcript · say something: skein prompt · talk: skein chat',
  host_lost: 'Its program ended with its host. What it printed is kept: skein output',
  right_expired: 'Try again.',
  internal: 'This should not happen: see skein logs',
};

/** Tells the error on stderr and returns the exit status. */
export function reportError(thrown: unknown, json: boolean): number {
  const error = SkeinError.from(thrown);
  if (json) writeAll(2, `${jsonText({ error: error.toBody() })}\n`);
  else {
    const { see, advice } = error.data ?? {};
    const told = typeof see === 'string' ? `See: ${see}` : HINTS[error.code];
    const hint = typeof advice === 'string' ? advice : told;
    complain(`${error.message} (${error.code})${hint === undefined ? '' : `\n${hint}`}`);
    if (error.code === 'internal' && process.env.SKEIN_DEBUG && thrown instanceof Error)
      writeAll(2, `${thrown.stack}\n`);
  }
  return ERROR_CODES[error.code];
}
