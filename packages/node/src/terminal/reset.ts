/**
 * What a client writes to its own terminal so that it is left as it was found. Kept without imports: the CLI bundles it.
 * Every mode that a snapshot or a program's own bytes may have set is named here, as tmux does when it detaches.
 */

const ESC = '\x1b';
const CSI = `${ESC}[`;

/** Ends whatever is half written: CAN aborts a sequence, ST a string. */
const ABORT = `\x18${ESC}\\`;

/** Keyboard protocols. Each screen has a kitty stack of its own, so this is written on both. */
const KEYBOARD = `${CSI}<99u${CSI}=0;1u${CSI}>4;0m`;

/** Modes that a program may set and a shell does not expect. */
const PRIVATE_OFF = [
  1, // application cursor keys
  5, // reverse video
  6, // origin
  9, // mouse, all protocols
  1000,
  1001,
  1002,
  1003,
  1004, // focus events
  1005, // mouse encodings
  1006,
  1015,
  1016,
  45, // reverse wraparound
  66, // application keypad
  2004, // bracketed paste
  2026, // synchronized output
  2031, // colour scheme events
  2048, // size reports
  12, // blinking cursor
];

/** One sequence a mode: terminals bound a sequence's length (tmux at 63 bytes) and drop what is longer as a whole. */
const PRIVATE_RESET = PRIVATE_OFF.map((mode) => `${CSI}?${mode}l`).join('');

/** Margins, insert mode, newline mode, autowrap, keypad, pen, charsets, hyperlink. */
const DRAWING = `${CSI}r${CSI}4l${CSI}20l${CSI}?7h${ESC}>${CSI}m${ESC}(B${ESC})B${ESC}*B${ESC}+B\x0f${ESC}]8;;${ESC}\\`;

/** Palette, foreground, background, cursor and pointer colours, as configured by the user. */
const COLOURS = `${ESC}]104${ESC}\\${ESC}]110${ESC}\\${ESC}]111${ESC}\\${ESC}]112${ESC}\\`;

/** Tab stops every eight columns (DECST8C), where the terminal knows it. */
const TABS = `${CSI}?5W`;

/** Resets modes on the screen that is shown, without leaving it: what a snapshot begins with. */
const NEUTRAL = `${ABORT}${KEYBOARD}${PRIVATE_RESET}${DRAWING}${CSI}0 q${CSI}?25h`;

/** Leaves the alternate screen, should it be shown, for a normal one without modes. The cursor may move. */
export const NORMAL_SCREEN = [
  NEUTRAL,
  `${CSI}?1049l`, // also restores a saved cursor, and with it origin mode, pen and charsets: hence again
  KEYBOARD,
  `${CSI}?6l`,
  DRAWING,
].join('');

/** Written once by a client before its first snapshot: remembers the window's title. */
export const ENTER = `${CSI}22;0t`;

/**
 * Written by a client on detach, whatever the program did. The cursor ends on a fresh line below the program's screen, or
 * where it was before a program on the alternate screen started; the title is as `ENTER` found it.
 */
export const LEAVE = `${NORMAL_SCREEN}${COLOURS}${TABS}${CSI}23;0t${CSI}9999;1H\r\n`;
