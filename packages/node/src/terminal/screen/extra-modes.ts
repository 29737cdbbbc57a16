/** Modes that xterm.js does not know but a viewer's terminal may: kitty keyboard, modifyOtherKeys, some private modes. */

import type { Terminal } from '@xterm/headless';
import type { Colours } from './colours.ts';
import type { KittyStack } from './modes.ts';

/** Entries kept of a kitty stack; terminals drop the oldest as well. */
const KITTY_DEPTH = 32;

/** The program is told of its size in its input, as far as it can be: some go by that alone, and by no signal. */
export const SIZE_REPORTS = 2048;

/** Reverse video, UTF-8 and urxvt mouse encodings, alternate scroll, colour scheme events, size reports. */
const PRIVATE = new Set([5, 1005, 1007, 1015, 2031, SIZE_REPORTS]);

/** JSON-safe, so that it can be stored as it is. */
export interface ExtraModes {
  /** The last thing said about each mode of `PRIVATE`. */
  private: Record<number, boolean>;
  modifyOtherKeys: number;
  kitty: { normal: KittyStack; alternate: KittyStack };
  colours?: Colours;
}

export function noExtraModes(): ExtraModes {
  return {
    private: {},
    modifyOtherKeys: 0,
    kitty: { normal: { base: 0, pushed: [] }, alternate: { base: 0, pushed: [] } },
  };
}

type Params = (number | number[])[];

function param(params: Params, index: number, fallback: number): number {
  const value = params[index];
  return typeof value === 'number' && value > 0 ? value : fallback;
}

/** Follows these modes through the parser's public hooks; `read` gives the object to change. Nothing here is hot. */
export function trackExtraModes(terminal: Terminal, read: () => ExtraModes, reset: () => void): void {
  const { parser } = terminal;
  const stack = () =>
    terminal.buffer.active.type === 'alternate' ? read().kitty.alternate : read().kitty.normal;
  const setPrivate = (on: boolean) => (params: Params) => {
    for (const mode of params) {
      if (typeof mode === 'number' && PRIVATE.has(mode)) read().private[mode] = on;
    }
    return false; // xterm.js still has to see it
  };
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, setPrivate(true));
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, setPrivate(false));
  parser.registerCsiHandler({ prefix: '>', final: 'u' }, (params) => {
    const { pushed } = stack();
    pushed.push(param(params, 0, 0));
    if (pushed.length > KITTY_DEPTH) pushed.shift();
    return true;
  });
  parser.registerCsiHandler({ prefix: '<', final: 'u' }, (params) => {
    pop(stack(), param(params, 0, 1));
    return true;
  });
  parser.registerCsiHandler({ prefix: '=', final: 'u' }, (params) => {
    combine(stack(), param(params, 0, 0), param(params, 1, 1));
    return true;
  });
  parser.registerCsiHandler({ prefix: '>', final: 'm' }, (params) => {
    const resource = param(params, 0, 0);
    if (resource === 0 || resource === 4) read().modifyOtherKeys = param(params, 1, 0);
    return true;
  });
  parser.registerCsiHandler({ prefix: '>', final: 'n' }, (params) => {
    if (param(params, 0, 0) === 4) read().modifyOtherKeys = 0;
    return true;
  });
  parser.registerEscHandler({ final: 'c' }, () => {
    reset();
    return false;
  });
}

/** Popping past the bottom resets the flags, as kitty does. */
function pop(stack: KittyStack, count: number): void {
  if (count > stack.pushed.length) stack.base = 0;
  stack.pushed.splice(Math.max(stack.pushed.length - count, 0));
}

/** `CSI = flags ; mode u`: 1 sets exactly, 2 adds, 3 takes away. */
function combine(stack: KittyStack, flags: number, mode: number): void {
  const change = (old: number) => (mode === 2 ? old | flags : mode === 3 ? old & ~flags : flags);
  const top = stack.pushed.length - 1;
  if (top < 0) stack.base = change(stack.base);
  else stack.pushed[top] = change(stack.pushed[top] ?? 0);
}
