/** The modes a program has put its terminal into, as data: what a viewer's terminal or a client must know (H5). */

export type MouseProtocol = 'none' | 'x10' | 'vt200' | 'drag' | 'any';
export type MouseEncoding = 'default' | 'utf8' | 'sgr' | 'urxvt' | 'sgr-pixels';

/** Kitty keyboard flags of one screen: what `CSI = u` set at the bottom, and what `CSI > u` pushed above it. */
export interface KittyStack {
  base: number;
  pushed: number[];
}

/** JSON-safe; travels with every snapshot. */
export interface Modes {
  alternate: boolean;
  cursorVisible: boolean;
  /** As in DECSCUSR, 0 for the terminal's own; 1 to 6 block, underline, bar, odd ones blinking. */
  cursorStyle: number;
  /** `CSI ? 12 h`. */
  cursorBlink: boolean;
  applicationCursor: boolean;
  applicationKeypad: boolean;
  autowrap: boolean;
  reverseWrap: boolean;
  insert: boolean;
  newline: boolean;
  origin: boolean;
  reverseVideo: boolean;
  bracketedPaste: boolean;
  focusEvents: boolean;
  synchronized: boolean;
  mouse: MouseProtocol;
  mouseEncoding: MouseEncoding;
  /** `CSI ? 1007 h`: the wheel sends arrows on the alternate screen. `undefined`: never said. */
  alternateScroll: boolean | undefined;
  /** `CSI ? 2031 h`: tell the program when the colour scheme changes. */
  schemeEvents: boolean;
  /** `CSI > 4 ; n m`. */
  modifyOtherKeys: number;
  kitty: { normal: KittyStack; alternate: KittyStack };
  title: string;
}
