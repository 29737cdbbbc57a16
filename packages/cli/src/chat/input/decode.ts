/**
 * What a terminal sends, as keys, text, pastes, focus and wheel: whole or in pieces, in the old way or kitty's. Pure; a paste
 * of megabytes is gathered without being looked at again for each piece.
 */

export type KeyEvent =
  /** `name` is a letter or a word such as `up`; printable text without modifiers comes as `text`. */
  | { type: 'key'; name: string; ctrl: boolean; alt: boolean; shift: boolean }
  | { type: 'text'; text: string }
  | { type: 'paste'; text: string }
  | { type: 'focus'; focused: boolean }
  | { type: 'wheel'; lines: number; x: number };

/** Bytes of one paste that are kept; the node would refuse a longer prompt. */
export const MAX_PASTE = 8 * 1024 * 1024;
/** Rows that one click of a wheel moves. */
const WHEEL = 3;
/** Characters after which what looked like a sequence is none. */
const LONGEST_SEQUENCE = 64;

const PASTE_END = '\x1b[201~';
const LETTERS: Record<string, string> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
const NUMBERS: Record<string, string> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  15: 'f5',
};
const CODES: Record<number, string> = { 9: 'tab', 13: 'enter', 27: 'escape', 32: 'space', 127: 'backspace' };

export class KeyDecoder {
  #rest = '';
  #paste: { parts: string[]; size: number; tail: string } | undefined;
  readonly #utf8 = new TextDecoder();

  /** Whether an escape has come that may be a key of its own: `flush` after a moment tells. */
  get pending(): boolean {
    return this.#rest !== '';
  }

  push(bytes: Uint8Array): KeyEvent[] {
    const out: KeyEvent[] = [];
    this.#rest += this.#utf8.decode(bytes, { stream: true });
    while (this.#rest !== '') if (!(this.#paste === undefined ? this.#one(out) : this.#pasted(out))) break;
    return out;
  }

  /** Nothing more has come: an escape that waited was the key. */
  flush(): KeyEvent[] {
    const rest = this.#rest;
    if (rest === '' || this.#paste !== undefined) return [];
    this.#rest = '';
    if (rest === '\x1b') return [key('escape')];
    return rest.startsWith('\x1b') && rest.length === 2 ? [key(rest.slice(1), { alt: true })] : [];
  }

  /** Takes one thing off the front; false when its end has not come. */
  #one(out: KeyEvent[]): boolean {
    const rest = this.#rest;
    if (rest.charCodeAt(0) !== 0x1b) {
      const plain = /^[^\x00-\x1f\x7f-\x9f]+/.exec(rest)?.[0];
      this.#rest = rest.slice(plain?.length ?? 1);
      if (plain !== undefined) out.push({ type: 'text', text: plain });
      else out.push(controlKey(rest.charCodeAt(0)));
      return true;
    }
    if (rest.length === 1) return false;
    const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[\x20-\x7e])/.exec(rest)?.[0];
    if (sequence === undefined) {
      if (/^\x1b(\[[0-?]*[ -/]*|O)$/.test(rest) && rest.length < LONGEST_SEQUENCE) return false;
      if (/^\x1b\x1b/.test(rest)) {
        out.push(key('escape'));
        this.#rest = rest.slice(1);
        return true;
      }
      const char = String.fromCodePoint(rest.codePointAt(1) ?? 0);
      this.#rest = rest.slice(1 + char.length);
      const inner = char < ' ' || char === '\x7f' ? controlKey(char.charCodeAt(0)) : key(char);
      if (inner.type === 'key') out.push({ ...inner, alt: true });
      return true;
    }
    this.#rest = rest.slice(sequence.length);
    if (sequence === '\x1b[200~') this.#paste = { parts: [], size: 0, tail: '' };
    else out.push(...sequenceKeys(sequence));
    return true;
  }

  #pasted(out: KeyEvent[]): boolean {
    const paste = this.#paste;
    if (paste === undefined) return true;
    const text = paste.tail + this.#rest;
    this.#rest = '';
    const end = text.indexOf(PASTE_END);
    const body =
      end >= 0 ? text.slice(0, end) : text.slice(0, Math.max(0, text.length - PASTE_END.length + 1));
    if (paste.size < MAX_PASTE) paste.parts.push(body);
    paste.size += body.length;
    if (end < 0) {
      paste.tail = text.slice(body.length);
      return false;
    }
    this.#rest = text.slice(end + PASTE_END.length);
    this.#paste = undefined;
    const whole = paste.parts.join('').slice(0, MAX_PASTE);
    out.push({ type: 'paste', text: whole.replace(/\r\n?/g, '\n') });
    return true;
  }
}

interface Modifiers {
  ctrl?: boolean;
  alt?: boolean;
  shift?: boolean;
}

function key(name: string, { ctrl = false, alt = false, shift = false }: Modifiers = {}): KeyEvent {
  return { type: 'key', name, ctrl, alt, shift };
}

function controlKey(code: number): KeyEvent {
  if (code === 0x0d) return key('enter');
  if (code === 0x0a) return key('j', { ctrl: true });
  if (code === 0x09) return key('tab');
  if (code === 0x7f || code === 0x08) return key('backspace');
  if (code === 0x1b) return key('escape');
  if (code === 0) return key('space', { ctrl: true });
  return key(String.fromCharCode(code + 96), { ctrl: true });
}

function sequenceKeys(sequence: string): KeyEvent[] {
  const final = sequence.at(-1) ?? '';
  if (sequence.startsWith('\x1bO')) return final in LETTERS ? [key(LETTERS[final] ?? '')] : [];
  const body = sequence.slice(2, -1);
  if (final === 'I' && body === '') return [{ type: 'focus', focused: true }];
  if (final === 'O' && body === '') return [{ type: 'focus', focused: false }];
  if (body.startsWith('<')) return wheel(body.slice(1), final);
  const [first = '', second = ''] = body.split(';');
  const modifiers = modifiersOf(second);
  if (final === 'u') return typed(Number.parseInt(first, 10), modifiers);
  if (final === '~' && first === '27') return typed(Number.parseInt(body.split(';')[2] ?? '', 10), modifiers);
  if (final === '~') return first in NUMBERS ? [key(NUMBERS[first] ?? '', modifiers)] : [];
  if (final === 'Z') return [key('tab', { shift: true })];
  return final in LETTERS ? [key(LETTERS[final] ?? '', modifiers)] : [];
}

/** A key told by its code point. */
function typed(code: number, modifiers: Modifiers): KeyEvent[] {
  const name = CODES[code];
  if (name !== undefined) return [key(name, modifiers)];
  if (!Number.isInteger(code) || code < 32 || code > 0x10ffff || (code >= 0xe000 && code <= 0xf8ff))
    return [];
  const char = String.fromCodePoint(code);
  if (modifiers.ctrl || modifiers.alt) return [key(char.toLowerCase(), modifiers)];
  return [{ type: 'text', text: modifiers.shift ? char.toUpperCase() : char }];
}

function modifiersOf(text: string): Modifiers {
  const bits = (Number.parseInt(text, 10) || 1) - 1;
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
}

function wheel(body: string, final: string): KeyEvent[] {
  const [button = 0, x = 1] = body.split(';').map(Number);
  if (final !== 'M' || (button & 64) === 0) return [];
  return [{ type: 'wheel', lines: (button & 1) === 0 ? -WHEEL : WHEEL, x }];
}
