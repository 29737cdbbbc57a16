/** A look as escape sequences: SGR with its colours and underlines, and hyperlinks. */

import { type Look, PLAIN, sameLook } from './cells.ts';

const MODE = 0x3000000;
const PALETTE_16 = 0x1000000;
const PALETTE_256 = 0x2000000;
const RGB = 0x3000000;
/** What xterm.js keeps for `CSI 59 m`. It cannot be told from a white underline. */
const NO_UNDERLINE_COLOUR = 0x3ffffff;

/** SGR parameter and the bit of `fg` or `bg` that stands for it. Bit 31 is negative in JavaScript; `&` does not mind. */
const FG_FLAGS: readonly (readonly [bit: number, sgr: number])[] = [
  [0x8000000, 1], // bold
  [0x20000000, 5], // blink
  [0x4000000, 7], // inverse
  [0x40000000, 8], // invisible
  [0x80000000, 9], // struck through
];
const BG_FLAGS: readonly (readonly [bit: number, sgr: number])[] = [
  [0x8000000, 2], // dim
  [0x4000000, 3], // italic
  [0x40000000, 53], // overlined
];
const UNDERLINE = 0x10000000;
const PROTECTED = 0x20000000;

function colour(word: number, base: number): string {
  const value = word & 0xffffff;
  switch (word & MODE) {
    case PALETTE_16:
      return `;${(value & 0xff) < 8 ? base + (value & 7) : base + 60 + (value & 7)}`;
    case PALETTE_256:
      return `;${base + 8};5;${value & 0xff}`;
    case RGB:
      return `;${base + 8};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`;
    default:
      return '';
  }
}

function underline(look: Look): string {
  if ((look.fg & UNDERLINE) === 0) return '';
  const style = (look.ext >>> 26) & 7;
  let sgr = style > 1 ? `;4:${style}` : ';4';
  const word = look.ext & 0x3ffffff;
  const value = word & 0xffffff;
  if (word === NO_UNDERLINE_COLOUR) return sgr;
  if ((word & MODE) === RGB) sgr += `;58:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`;
  else if ((word & MODE) !== 0) sgr += `;58:5:${value & 0xff}`;
  return sgr;
}

/** The SGR sequence that gives this look whatever was before. */
function sgrOf(look: Look): string {
  let params = '';
  for (const [bit, sgr] of FG_FLAGS) if (look.fg & bit) params += `;${sgr}`;
  for (const [bit, sgr] of BG_FLAGS) if (look.bg & bit) params += `;${sgr}`;
  params += underline(look) + colour(look.fg, 30) + colour(look.bg, 40);
  return params === '' ? '\x1b[m' : `\x1b[0${params}m`;
}

/** How much of how cells look is told: of colours perhaps only those of the palette, or nothing at all. */
export type Detail = 'all' | 'palette' | 'none';

function lessOf(look: Look, detail: Detail): Look {
  if (detail === 'all') return look;
  if (detail === 'none') return PLAIN;
  return { ...look, fg: inPalette(look.fg), bg: inPalette(look.bg) };
}

/** A colour as the nearest one of the palette's cube of 6 by 6 by 6, which begins at 16. */
function inPalette(word: number): number {
  if ((word & MODE) !== RGB) return word;
  const level = (shift: number) => Math.round(((word >> shift) & 0xff) / 51);
  return (word & ~0x3ffffff) | PALETTE_256 | (16 + 36 * level(16) + 6 * level(8) + level(0));
}

/** Where a link's number leads. */
type LinkOf = (link: number) => { id?: string | undefined; uri: string } | undefined;

/** Follows what the pen is, so that only changes are written. Begins plain. */
export class Pen {
  #look: Look = PLAIN;
  readonly #links: LinkOf;
  readonly #detail: Detail;

  constructor(links: LinkOf, detail: Detail = 'all') {
    this.#links = links;
    this.#detail = detail;
  }

  /** The sequences that change the pen to `look`. */
  to(whole: Look): string {
    const look = lessOf(whole, this.#detail);
    const old = this.#look;
    if (sameLook(old, look)) return '';
    this.#look = look;
    let out = '';
    if (old.link !== look.link) out += this.#link(look.link);
    if (old.fg !== look.fg || old.bg !== look.bg || old.ext !== look.ext) {
      out += sgrOf(look);
      // xterm.js lets SGR 0 end protection, other terminals do not.
      if (look.bg & PROTECTED) out += '\x1b[1"q';
      else if (old.bg & PROTECTED) out += '\x1b[0"q';
    }
    return out;
  }

  #link(link: number): string {
    const target = link === 0 ? undefined : this.#links(link);
    if (target === undefined) return '\x1b]8;;\x1b\\';
    // The pieces of one link are painted apart; the id keeps them one.
    return `\x1b]8;id=${target.id ?? `skein-${link}`};${target.uri}\x1b\\`;
  }
}
