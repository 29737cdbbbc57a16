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

/** Three words a cell: content (width << 22 | combined << 21 | code point), fg, bg. */
export interface InternalLine {
  _data: Uint32Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, InternalExtended | undefined>;
  length: number;
  isWrapped: boolean;
  clone(): InternalLine;
}

/** Maps an ASCII character to what the designated set has in its place; undefined is US ASCII. */
export type Charset = Record<string, string> | undefined;

interface InternalMarker {
  line: number;
  onDispose(listener: () => void): unknown;
}

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
  markers: InternalMarker[];
  getBlankLine(attrs: InternalAttrs): InternalLine;
  addMarker(line: number): InternalMarker;
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

export interface InternalLink {
  id: number;
  key?: string;
  data: { id?: string | undefined; uri: string };
  lines: InternalMarker[];
}

export interface Internals {
  _inputHandler: {
    parse(data: Uint8Array): void;
    eraseInDisplay(params: { params: ArrayLike<number> }, respectProtect: boolean): boolean;
    _curAttrData: InternalAttrs;
    _windowTitle: string;
    _iconName: string;
    _windowTitleStack: string[];
    _iconNameStack: string[];
    _parser: { currentState: number; precedingJoinState: number; reset(): void };
  };
  _charsetService: { charset: Charset; glevel: number; _charsets: Charset[] };
  _oscLinkService: {
    _nextId: number;
    _entriesWithId: Map<string, InternalLink>;
    _dataByLinkId: Map<number, InternalLink>;
    _removeMarkerFromLink(link: InternalLink, marker: InternalMarker): void;
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
