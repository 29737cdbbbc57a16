/** Names of keys, as tmux has them, and the bytes that a terminal sends for each. */
import { SkeinError } from '../errors.ts';

/** Keys that end in a letter: `CSI A`, `SS3 A` for a program that wants application cursor keys, with modifiers `CSI 1 ; m A`. */
const LETTERS = new Map(
  Object.entries({
    up: 'A',
    down: 'B',
    right: 'C',
    left: 'D',
    home: 'H',
    end: 'F',
  }),
);

/** Keys that end in a tilde: `CSI 5 ~`, with modifiers `CSI 5 ; m ~`. */
const TILDES = new Map(
  Object.entries({
    insert: 2,
    ic: 2,
    delete: 3,
    dc: 3,
    pageup: 5,
    pgup: 5,
    ppage: 5,
    pagedown: 6,
    pgdn: 6,
    npage: 6,
    f5: 15,
    f6: 17,
    f7: 18,
    f8: 19,
    f9: 20,
    f10: 21,
    f11: 23,
    f12: 24,
  }),
);

const FUNCTION = new Map(Object.entries({ f1: 'P', f2: 'Q', f3: 'R', f4: 'S' }));

const PLAIN = new Map(
  Object.entries({
    enter: '\r',
    return: '\r',
    tab: '\t',
    space: ' ',
    escape: '\x1b',
    esc: '\x1b',
    bspace: '\x7f',
    backspace: '\x7f',
    btab: '\x1b[Z',
    comma: ',',
  }),
);

const CTRL = 4;
const ALT = 2;
const SHIFT = 1;

/**
 * The bytes of one key: `a`, `C-c`, `M-x`, `Up`, `C-Left`, `F5`. `application`: the program has asked for application cursor
 * keys. Throws `bad_request` for a name that is none.
 */
export function keyBytes(name: string, application = false): string {
  let rest = name;
  let modifiers = 0;
  for (let match = /^([CMS])-(?=.)/.exec(rest); match !== null; match = /^([CMS])-(?=.)/.exec(rest)) {
    modifiers |= match[1] === 'C' ? CTRL : match[1] === 'M' ? ALT : SHIFT;
    rest = rest.slice(2);
  }
  if (/^\^.$/.test(rest)) {
    modifiers |= CTRL;
    rest = rest.slice(1);
  }
  const special = specialKey(rest.toLowerCase(), modifiers, application);
  if (special !== undefined) return special;
  const plain = PLAIN.get(rest.toLowerCase()) ?? ([...rest].length === 1 ? rest : undefined);
  if (plain === undefined) throw unknownKey(name);
  const meta = (modifiers & ALT) !== 0 ? '\x1b' : '';
  if ((modifiers & SHIFT) !== 0) {
    if (plain === '\t') return `${meta}\x1b[Z`;
    throw unknownKey(name);
  }
  return meta + ((modifiers & CTRL) !== 0 ? control(plain, name) : plain);
}

/** Keys separated by commas. */
export function keysBytes(names: string, application = false): string {
  return names
    .split(',')
    .map((name) => keyBytes(name.trim(), application))
    .join('');
}

function specialKey(name: string, modifiers: number, application: boolean): string | undefined {
  const letter = LETTERS.get(name);
  if (letter !== undefined && modifiers === 0) return `\x1b${application ? 'O' : '['}${letter}`;
  if (letter !== undefined) return `\x1b[1;${modifiers + 1}${letter}`;
  const fn = FUNCTION.get(name);
  if (fn !== undefined) return modifiers === 0 ? `\x1bO${fn}` : `\x1b[1;${modifiers + 1}${fn}`;
  const tilde = TILDES.get(name);
  if (tilde !== undefined) return modifiers === 0 ? `\x1b[${tilde}~` : `\x1b[${tilde};${modifiers + 1}~`;
  return undefined;
}

function control(key: string, name: string): string {
  if (key === '?') return '\x7f';
  if (key === ' ') return '\0';
  const code = key.toUpperCase().charCodeAt(0);
  // Only these have a control character: @, the letters, and [ \ ] ^ _.
  if (key.length !== 1 || code < 0x40 || code > 0x5f) throw unknownKey(name);
  return String.fromCharCode(code & 0x1f);
}

function unknownKey(name: string): SkeinError {
  return new SkeinError(
    'bad_request',
    `There is no key "${name}". Keys are like a, C-c, M-x, Up, C-Left, PageDown, F5, Enter, Tab, Escape, Comma.`,
  );
}
