/**
 * The one place that looks behind xterm.js's public interface (6.0.0, pinned). The public one has no synchronous write
 * and no access to margins, tab stops, charsets, saved cursors or cell words. `internals.test.ts` fails when a new
 * version moves any of this.
 */

import type { Terminal } from '@xterm/headless';

/** Attributes of the pen, as in a cell: flags and colour in `fg` and `bg`, underline style and colour in `extended.ext`. */
export interface InternalAttrs {
  fg: number;
  bg: number;
  extended: InternalExtended;
}

interface InternalExtended {
  _ext: number;
  _urlId: number;
  clone(): InternalExtended;
}

/** In a cell's content: its text is in the line's `_combined`. */
export const COMBINED = 0x200000;

/** Three words a cell: content (width << 22 | combined << 21 | code point), fg, bg. */
export interface InternalLine {
  _data: Uint32Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, InternalExtended | undefined>;
  length: number;
  isWrapped: boolean;
  addCodepointToCell(index: number, code: number, width: number): void;
  clone(): InternalLine;
}

/** Maps an ASCII character to what the designated set has in its place; undefined is US ASCII. */
export type Charset = Record<string, string> | undefined;

export interface InternalBuffer {
  lines: {
    length: number;
    maxLength: number;
    get(index: number): InternalLine | undefined;
    push(line: InternalLine): void;
  };
  ydisp: number;
  ybase: number;
  x: number;
  y: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: InternalAttrs;
  savedCharset: Charset;
  getBlankLine(attrs: InternalAttrs): InternalLine;
}

export interface InternalModes {
  applicationCursorKeys: boolean;
  applicationKeypad: boolean;
  bracketedPasteMode: boolean;
  cursorBlink: boolean | undefined;
  cursorStyle: 'block' | 'underline' | 'bar' | undefined;
  origin: boolean;
  reverseWraparound: boolean;
  sendFocus: boolean;
  synchronizedOutput: boolean;
  wraparound: boolean;
}

interface InternalLinkData {
  id?: string | undefined;
  uri: string;
}

export interface InternalLink {
  id: number;
  data: InternalLinkData;
}

export interface InternalParams {
  params: Int32Array;
}

type Counted = (params: InternalParams) => boolean;

/** What acts on sequences. It calls its own methods by name, so each may be replaced. */
export interface InternalHandler {
  parse(data: Uint8Array): void;
  eraseInDisplay(params: { params: ArrayLike<number> }, respectProtect: boolean): boolean;
  scrollUp: Counted;
  scrollDown: Counted;
  insertLines: Counted;
  deleteLines: Counted;
  cursorForwardTab: Counted;
  cursorBackwardTab: Counted;
  repeatPrecedingCharacter: Counted;
  setTitle(text: string): boolean;
  setIconName(text: string): boolean;
  setHyperlink(data: string): boolean;
  _curAttrData: InternalAttrs;
  _windowTitle: string;
  _iconName: string;
  _windowTitleStack: string[];
  _iconNameStack: string[];
  _parser: { currentState: number; precedingJoinState: number; reset(): void };
}

export interface Internals {
  _inputHandler: InternalHandler;
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] };
  _oscLinkService: {
    _nextId: number;
    _entriesWithId: Map<string, InternalLink>;
    _dataByLinkId: Map<number, InternalLink>;
    /** The number of the link, 0 for none. */
    registerLink(data: InternalLinkData): number;
    addLineToLink(link: number, line: number): void;
  };
  coreService: {
    isCursorHidden: boolean;
    modes: { insertMode: boolean };
    decPrivateModes: InternalModes;
    triggerDataEvent(data: string): void;
  };
  coreMouseService: { activeProtocol: string; activeEncoding: string };
  optionsService: {
    options: { convertEol: boolean; cursorBlink: boolean };
    rawOptions: { windowsPty: { backend?: 'conpty'; buildNumber?: number } };
  };
  buffers: {
    active: InternalBuffer;
    normal: InternalBuffer;
    alt: InternalBuffer;
    activateAltBuffer(): void;
  };
}

/** What is behind a terminal's public face. */
export function internalsOf(terminal: Terminal): Internals {
  return (terminal as unknown as { _core: Internals })._core;
}
