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
  69, // left and right margins
  2004, // bracketed paste
  2026, // synchronized output
  2031, // colour scheme events
  2048, // size reports
  12, // blinking cursor
  9001, // keys as Windows tells them
];

/** Modes that are the user's own choice where no program sets them: as found, not off. The wheel's arrows, and how characters join. */
const PRIVATE_KEPT = [1007, 2027];

/** One sequence a mode: terminals bound a sequence's length (tmux at 63 bytes) and drop what is longer as a whole. */
const PRIVATE_RESET = PRIVATE_OFF.map((mode) => `${CSI}?${mode}l`).join('');

/** Origin mode and margins. The cursor goes home. */
const MARGINS = `${CSI}?6l${CSI}r`;

/** Insert mode, newline mode, autowrap, keypad, pen, charsets, hyperlink. */
const DRAWING = `${CSI}4l${CSI}20l${CSI}?7h${ESC}>${CSI}m${ESC}(B${ESC})B${ESC}*B${ESC}+B\x0f${ESC}]8;;${ESC}\\`;

/** Palette, foreground, background, cursor and pointer colours, as configured by the user. */
export const COLOURS = `${ESC}]104${ESC}\\${ESC}]110${ESC}\\${ESC}]111${ESC}\\${ESC}]112${ESC}\\`;

/** Tab stops every eight columns (DECST8C), where the terminal knows it. */
const TABS = `${CSI}?5W`;

/** Resets modes on the screen that is shown, without leaving it. The cursor stays. */
const NEUTRAL = `${KEYBOARD}${PRIVATE_RESET}${DRAWING}${CSI}0 q${CSI}?25h`;

/** Saves the cursor and shows the alternate screen, unless that is shown. */
const ALTERNATE_ON = `${CSI}?1049h`;
/** Leaves the alternate screen. Also restores a saved cursor, and with it origin mode, pen and charsets: hence these again. */
const ALTERNATE_OFF = `${CSI}?1049l`;

/** Leaves the alternate screen, should it be shown, for a normal one without modes. The cursor may move. */
export const NORMAL_SCREEN = [ABORT, NEUTRAL, ALTERNATE_OFF, KEYBOARD, MARGINS, DRAWING].join('');

const SAVE = `${ESC}7`;
const RESTORE = `${ESC}8`;
/** Turns off, where the terminal knows it, an origin mode that was restored with the cursor; and autowrap, hence that again. */
const SOFT_RESET = `${CSI}!p`;

/** Written once by a client before its first snapshot: remembers the window's title, and modes of which nobody knows what they were. */
export const ENTER = `${CSI}22;0t${PRIVATE_KEPT.map((mode) => `${CSI}?${mode}s`).join('')}`;

/**
 * Written by a client on detach, whatever the program did. The next line is the one below the cursor, with nothing further down;
 * after a program on the alternate screen, below where the cursor was before it. The title is as `ENTER` found it.
 */
export const LEAVE = [
  ABORT,
  NEUTRAL,
  ALTERNATE_ON, // leaving it restores the cursor even where it is not shown: to where some program was that showed it before
  ALTERNATE_OFF,
  SAVE,
  KEYBOARD,
  MARGINS,
  TABS,
  RESTORE,
  SOFT_RESET,
  DRAWING,
  COLOURS,
  ...PRIVATE_KEPT.map((mode) => `${CSI}?${mode}r`),
  `${CSI}23;0t\r\n${CSI}J`,
].join('');
