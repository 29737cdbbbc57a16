/** The colours that a program gave its terminal: palette, foreground, background and cursor (OSC 4, 10 to 12, 104, 110 to 112). */

import type { Terminal } from '@xterm/headless';
import { COLOURS } from '../reset.ts';

/** By what the sequence that sets it begins with, such as `4;1` or `11`. Undefined: no program ever said anything about colours. */
export type Colours = Record<string, string> | undefined;

/** Entries of the palette. So many can be asked for in one sequence: a program must not make a thread write without end. */
export const PALETTE = 256;

/** The first and the last of foreground, background and cursor, which one sequence may name in this order. */
const FIRST = 10;
const LAST = 12;

/** As X11 takes them: by number, or by name. */
const SPEC = /^(?:#[\da-f]{3,12}|rgba?:[\da-f/]{5,24}|[a-z][a-z\d ]{0,31})$/i;

function isEntry(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,3}$/.test(text) && Number(text) < PALETTE;
}

/** Follows them through the parser's public hooks, which others are to see as well; `read` gives the object to change. */
export function trackColours(terminal: Terminal, read: () => { colours?: Colours }): void {
  const { parser } = terminal;
  const touched = () => {
    const modes = read();
    modes.colours ??= {};
    return modes.colours;
  };
  const set = (key: string, spec: string | undefined) => {
    if (spec !== undefined && SPEC.test(spec)) touched()[key] = spec;
  };
  parser.registerOscHandler(4, (data) => {
    const parts = data.split(';', 2 * PALETTE);
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const entry = parts[i];
      if (isEntry(entry)) set(`4;${Number(entry)}`, parts[i + 1]);
    }
    return false;
  });
  parser.registerOscHandler(104, (data) => {
    const colours = touched();
    const named = data.split(';', PALETTE).filter(isEntry);
    const entries = named.map((entry) => `4;${Number(entry)}`);
    for (const key of data === '' ? Object.keys(colours) : entries)
      if (key.startsWith('4;')) delete colours[key];
    return false;
  });
  for (let first = FIRST; first <= LAST; first++) {
    parser.registerOscHandler(first, (data) => {
      const specs = data.split(';', LAST - first + 1);
      for (const [i, spec] of specs.entries()) set(String(first + i), spec);
      return false;
    });
    parser.registerOscHandler(first + 100, () => {
      delete touched()[first];
      return false;
    });
  }
}

/** Gives a terminal these colours, whatever others a program gave it before. */
export function colourSequence(colours: Colours): string {
  if (colours === undefined) return '';
  return (
    COLOURS +
    Object.entries(colours)
      .map(([key, spec]) => `\x1b]${key};${spec}\x1b\\`)
      .join('')
  );
}

/** As X11 writes it, with sixteen bits a channel (`rgb:d0d0/d0d0/d0d0`); undefined for a name. */
export function asChannels(spec: string | undefined): string | undefined {
  const digits = /^#((?:[\da-f]{3}){1,4})$/i.exec(spec ?? '')?.[1];
  const size = (digits?.length ?? 0) / 3;
  const parts =
    digits === undefined
      ? /^rgb:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})$/i.exec(spec ?? '')?.slice(1)
      : [0, 1, 2].map((i) => digits.slice(i * size, (i + 1) * size));
  if (parts === undefined) return undefined;
  return `rgb:${parts.map((part) => part.repeat(4).slice(0, 4).toLowerCase()).join('/')}`;
}
