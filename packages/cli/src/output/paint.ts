/** Whether stdout is for eyes that want colours. */
import { COLOURS, NONE, type Paint } from '@skein/protocol/text/paint';
import { isTerminal } from './is-terminal.ts';

/** Colours when stdout is a terminal that has them and nobody asked for none. */
export function wantsColours(noColor: boolean, fd = 1): boolean {
  return !noColor && !process.env.NO_COLOR && process.env.TERM !== 'dumb' && isTerminal(fd);
}

export function paintFor(noColor: boolean, fd = 1): Paint {
  return wantsColours(noColor, fd) ? COLOURS : NONE;
}
