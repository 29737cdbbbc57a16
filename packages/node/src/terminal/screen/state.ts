/**
 * A screen's whole state as bytes, and back: what goes to disk while nobody looks (H5). Exact, scrollback included,
 * because it copies xterm.js's cells instead of describing them; so it names the version of that layout, and a reader
 * of another layout refuses it (the caller then reads the journal instead).
 */

import { deflateSync, inflateSync } from 'node:zlib';
import { SkeinError } from '@skein/protocol/errors';
import type { ExtraModes } from './extra-modes.ts';
import type { Charset, InternalAttrs, InternalBuffer, InternalLine, InternalModes } from './internals.ts';
import { restoreLinks, type StoredLinks, storeLinks } from './links.ts';
import { Screen } from './screen.ts';

const MAGIC = 'skein-screen 2 xterm 6.0.0';

/** Bytes. What a state may inflate to: the largest screen with the usual scrollback is a quarter of it. */
const MAX_STATE = 128 * 1024 * 1024;

type StoredAttrs = [fg: number, bg: number, ext: number, link: number];

interface StoredLine {
  /** Cells. Their words follow the header, line by line. */
  length: number;
  wrapped?: true;
  combined?: Record<number, string>;
  extended?: Record<number, [ext: number, link: number]>;
}

interface StoredBuffer {
  lines: StoredLine[];
  at: [
    ybase: number,
    x: number,
    y: number,
    scrollTop: number,
    scrollBottom: number,
    savedX: number,
    savedY: number,
  ];
  tabs: number[];
  savedPen: StoredAttrs;
  savedCharset: Charset | null;
}

interface StoredScreen {
  magic: string;
  cols: number;
  rows: number;
  scrollback: number;
  offset: number;
  alternate: boolean;
  normal: StoredBuffer;
  alt: StoredBuffer;
  pen: StoredAttrs;
  joinState: number;
  titles: { title: string; icon: string; titleStack: string[]; iconStack: string[] };
  charsets: { sets: (Charset | null)[]; level: number; current: Charset | null };
  modes: InternalModes;
  cursorHidden: boolean;
  insert: boolean;
  newline: boolean;
  blink: boolean;
  mouse: [protocol: string, encoding: string];
  extra: ExtraModes;
  links: StoredLinks;
}

/** The state as of `screen.offset`. Throws `too_large` when it is larger than what `loadState` takes. */
export function saveState(screen: Screen): Uint8Array {
  const { core } = screen;
  const words: Uint32Array[] = [];
  const input = core._inputHandler;
  const header: StoredScreen = {
    magic: MAGIC,
    cols: screen.cols,
    rows: screen.rows,
    scrollback: screen.scrollback,
    offset: screen.offset,
    alternate: core.buffers.active === core.buffers.alt,
    normal: storeBuffer(core.buffers.normal, words),
    alt: storeBuffer(core.buffers.alt, words),
    pen: storeAttrs(input._curAttrData),
    joinState: input._parser.precedingJoinState,
    titles: {
      title: input._windowTitle,
      icon: input._iconName,
      titleStack: input._windowTitleStack,
      iconStack: input._iconNameStack,
    },
    charsets: {
      sets: Array.from({ length: 4 }, (_, g) => core._charsetService._charsets[g] ?? null),
      level: core._charsetService.glevel,
      current: core._charsetService.charset ?? null,
    },
    modes: core.coreService.decPrivateModes,
    cursorHidden: core.coreService.isCursorHidden,
    insert: core.coreService.modes.insertMode,
    newline: core.optionsService.options.convertEol,
    blink: core.optionsService.options.cursorBlink,
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    extra: screen.extra,
    links: storeLinks(core),
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const cells = words.map((line) => new Uint8Array(line.buffer, line.byteOffset, line.byteLength));
  const whole = Buffer.concat([length, json, ...cells]);
  if (whole.length > MAX_STATE) throw new SkeinError('too_large', 'This screen is too large to be stored.');
  return deflateSync(whole, { level: 1 });
}

/** The screen that was saved. Throws `bad_request` when these bytes are not such a state. */
export function loadState(bytes: Uint8Array): Screen {
  try {
    const raw = inflateSync(bytes, { maxOutputLength: MAX_STATE });
    const end = 4 + raw.readUInt32LE(0);
    const header = JSON.parse(raw.toString('utf8', 4, end)) as StoredScreen;
    if (header.magic !== MAGIC) throw new Error('of another version');
    // Copied, because the cells need not lie at a multiple of four.
    const words = new Uint32Array(raw.buffer.slice(raw.byteOffset + end, raw.byteOffset + raw.length));
    return rebuild(header, words);
  } catch (cause) {
    throw new SkeinError('bad_request', `This stored screen cannot be read: ${(cause as Error).message}.`);
  }
}

function rebuild(header: StoredScreen, words: Uint32Array): Screen {
  const { cols, rows, scrollback, offset } = header;
  const screen = new Screen({ cols, rows, scrollback, offset });
  const { core } = screen;
  if (header.alternate) core.buffers.activateAltBuffer();
  const used = loadBuffer(core.buffers.normal, header.normal, words, 0);
  loadBuffer(core.buffers.alt, header.alt, words, used);
  const input = core._inputHandler;
  loadAttrs(input._curAttrData, header.pen);
  input._parser.precedingJoinState = header.joinState;
  input._windowTitle = header.titles.title;
  input._iconName = header.titles.icon;
  input._windowTitleStack.push(...header.titles.titleStack);
  input._iconNameStack.push(...header.titles.iconStack);
  core._charsetService._charsets = header.charsets.sets.map((set) => set ?? undefined);
  core._charsetService.glevel = header.charsets.level;
  core._charsetService.charset = header.charsets.current ?? undefined;
  Object.assign(core.coreService.decPrivateModes, header.modes);
  core.coreService.isCursorHidden = header.cursorHidden;
  core.coreService.modes.insertMode = header.insert;
  core.optionsService.options.convertEol = header.newline;
  core.optionsService.options.cursorBlink = header.blink;
  [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding] = header.mouse;
  screen.extra = header.extra;
  restoreLinks(core, header.links);
  return screen;
}

function storeAttrs(attrs: InternalAttrs): StoredAttrs {
  return [attrs.fg, attrs.bg, attrs.extended._ext, attrs.extended._urlId];
}

function loadAttrs(attrs: InternalAttrs, [fg, bg, ext, link]: StoredAttrs): void {
  attrs.fg = fg;
  attrs.bg = bg;
  attrs.extended = attrs.extended.clone();
  attrs.extended._ext = ext;
  attrs.extended._urlId = link;
}

function storeBuffer(buffer: InternalBuffer, words: Uint32Array[]): StoredBuffer {
  const lines: StoredLine[] = [];
  for (let row = 0; row < buffer.lines.length; row++) {
    const line = buffer.lines.get(row);
    if (line === undefined) continue;
    lines.push(storeLine(line));
    words.push(line._data.subarray(0, line.length * 3));
  }
  const { ybase, x, y, scrollTop, scrollBottom, savedX, savedY } = buffer;
  return {
    lines,
    at: [ybase, x, y, scrollTop, scrollBottom, savedX, savedY],
    tabs: Object.keys(buffer.tabs)
      .map(Number)
      .filter((column) => buffer.tabs[column]),
    savedPen: storeAttrs(buffer.savedCurAttrData),
    savedCharset: buffer.savedCharset ?? null,
  };
}

function storeLine(line: InternalLine): StoredLine {
  const stored: StoredLine = { length: line.length };
  if (line.isWrapped) stored.wrapped = true;
  // What a cell once had stays in these tables when the cell is written again; only what is in use is kept.
  for (const key of Object.keys(line._combined).map(Number)) {
    const text = line._combined[key];
    if (text === undefined || key >= line.length) continue;
    stored.combined ??= {};
    stored.combined[key] = text;
  }
  for (const key of Object.keys(line._extendedAttrs).map(Number)) {
    const extended = line._extendedAttrs[key];
    if (extended === undefined || key >= line.length) continue;
    stored.extended ??= {};
    stored.extended[key] = [extended._ext, extended._urlId];
  }
  return stored;
}

/** Returns how many words are used up to the end of this buffer. */
function loadBuffer(buffer: InternalBuffer, stored: StoredBuffer, words: Uint32Array, from: number): number {
  const pen = buffer.savedCurAttrData;
  const plain = { fg: 0, bg: 0, extended: pen.extended.clone() };
  const blank = buffer.getBlankLine(plain);
  buffer.lines.length = 0;
  let at = from;
  for (const description of stored.lines) {
    const line = blank.clone();
    line._data = words.slice(at, at + description.length * 3);
    if (line._data.length !== description.length * 3) throw new Error('cut short');
    at += description.length * 3;
    line.length = description.length;
    line.isWrapped = description.wrapped ?? false;
    line._combined = description.combined ?? {};
    for (const [column, [ext, link]] of Object.entries(description.extended ?? {})) {
      const extended = pen.extended.clone();
      extended._ext = ext;
      extended._urlId = link;
      line._extendedAttrs[Number(column)] = extended;
    }
    buffer.lines.push(line);
  }
  const [ybase, x, y, scrollTop, scrollBottom, savedX, savedY] = stored.at;
  Object.assign(buffer, { ybase, ydisp: ybase, x, y, scrollTop, scrollBottom, savedX, savedY });
  buffer.tabs = Object.fromEntries(stored.tabs.map((column) => [column, true]));
  loadAttrs(pen, stored.savedPen);
  buffer.savedCharset = stored.savedCharset ?? undefined;
  return at;
}
