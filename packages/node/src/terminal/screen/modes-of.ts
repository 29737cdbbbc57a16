/** Reads a screen's modes, and says modes as escape sequences. */

import type { KittyStack, Modes, MouseEncoding, MouseProtocol } from './modes.ts';
import type { Screen } from './screen.ts';

const PROTOCOLS: Record<string, MouseProtocol> = {
  NONE: 'none',
  X10: 'x10',
  VT200: 'vt200',
  DRAG: 'drag',
  ANY: 'any',
};

const STYLES = { block: 2, underline: 4, bar: 6 } as const;

export function modesOf(screen: Screen): Modes {
  const { core, extra } = screen;
  const dec = core.coreService.decPrivateModes;
  const { options } = core.optionsService;
  return {
    alternate: core.buffers.active === core.buffers.alt,
    cursorVisible: !core.coreService.isCursorHidden,
    cursorStyle: dec.cursorStyle === undefined ? 0 : STYLES[dec.cursorStyle] - (dec.cursorBlink ? 1 : 0),
    cursorBlink: options.cursorBlink,
    applicationCursor: dec.applicationCursorKeys,
    applicationKeypad: dec.applicationKeypad,
    autowrap: dec.wraparound,
    reverseWrap: dec.reverseWraparound,
    insert: core.coreService.modes.insertMode,
    newline: options.convertEol,
    origin: dec.origin,
    reverseVideo: extra.private[5] ?? false,
    bracketedPaste: dec.bracketedPasteMode,
    focusEvents: dec.sendFocus,
    synchronized: dec.synchronizedOutput,
    mouse: PROTOCOLS[core.coreMouseService.activeProtocol] ?? 'none',
    mouseEncoding: mouseEncoding(screen),
    alternateScroll: extra.private[1007],
    schemeEvents: extra.private[2031] ?? false,
    modifyOtherKeys: extra.modifyOtherKeys,
    kitty: structuredClone(extra.kitty),
    title: screen.title,
  };
}

function mouseEncoding(screen: Screen): MouseEncoding {
  const { activeEncoding } = screen.core.coreMouseService;
  if (activeEncoding === 'SGR') return 'sgr';
  if (activeEncoding === 'SGR_PIXELS') return 'sgr-pixels';
  if (screen.extra.private[1015]) return 'urxvt';
  return screen.extra.private[1005] ? 'utf8' : 'default';
}

const MOUSE: Record<MouseProtocol, number | undefined> = {
  none: undefined,
  x10: 9,
  vt200: 1000,
  drag: 1002,
  any: 1003,
};
const ENCODING: Record<MouseEncoding, number | undefined> = {
  default: undefined,
  utf8: 1005,
  sgr: 1006,
  urxvt: 1015,
  'sgr-pixels': 1016,
};

function set(mode: number | undefined, on: boolean): string {
  return on && mode !== undefined ? `\x1b[?${mode}h` : '';
}

/** A kitty stack, for a terminal whose own is empty. */
export function kittySequence(stack: KittyStack): string {
  const base = stack.base === 0 ? '' : `\x1b[=${stack.base};1u`;
  return base + stack.pushed.map((flags) => `\x1b[>${flags}u`).join('');
}

/** Modes that shape what keys and pastes send, for a terminal that has none of them set. */
export function inputModes(modes: Modes): string {
  return [
    set(1, modes.applicationCursor),
    modes.applicationKeypad ? '\x1b=' : '',
    set(2004, modes.bracketedPaste),
    modes.modifyOtherKeys > 0 ? `\x1b[>4;${modes.modifyOtherKeys}m` : '',
  ].join('');
}

/** Modes of mouse, focus and scheme reports, for a terminal that has none of them set. */
export function reportModes(modes: Modes): string {
  return [
    set(MOUSE[modes.mouse], true),
    set(ENCODING[modes.mouseEncoding], true),
    set(1004, modes.focusEvents),
    set(2031, modes.schemeEvents),
    modes.alternateScroll === undefined ? '' : `\x1b[?1007${modes.alternateScroll ? 'h' : 'l'}`,
  ].join('');
}

/** Modes that change how output is drawn, for a terminal with autowrap and a visible cursor and none of the others. */
export function drawingModes(modes: Modes): string {
  return [
    modes.insert ? '\x1b[4h' : '',
    modes.newline ? '\x1b[20h' : '',
    modes.autowrap ? '' : '\x1b[?7l',
    set(45, modes.reverseWrap),
    set(5, modes.reverseVideo),
  ].join('');
}

/** The cursor's look, for a terminal that shows its own. */
export function cursorModes(modes: Modes): string {
  return [
    modes.cursorStyle === 0 ? '' : `\x1b[${modes.cursorStyle} q`,
    set(12, modes.cursorBlink),
    modes.cursorVisible ? '' : '\x1b[?25l',
  ].join('');
}
