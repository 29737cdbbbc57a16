/** Random programs for property tests: byte streams from a grammar of what terminals are sent. */

import fc from 'fast-check';

const number = (max: number) => fc.integer({ min: 0, max }).map((n) => (n === 0 ? '' : String(n)));
const params = (max: number) => fc.array(number(max), { maxLength: 3 }).map((list) => list.join(';'));
const pick = <T extends string>(...choices: T[]) => fc.constantFrom(...choices);

const words = pick(
  'a',
  'hello',
  'o'.repeat(30),
  ' ',
  'två',
  '日本',
  '語',
  'e\u0301',
  '\u0301',
  '😀',
  'ﬁ',
  'க்',
  '─│┌',
  '~{`|',
);
const control = pick('\r', '\n', '\b', '\t', '\v', '\r\n', '\x00', '\x7f');

const colour = fc.oneof(
  fc
    .integer({ min: 30, max: 49 })
    .filter((n) => n !== 38 && n !== 48)
    .map(String),
  fc.integer({ min: 90, max: 107 }).map(String),
  fc.tuple(pick('38', '48', '58'), fc.nat(255)).map(([which, n]) => `${which};5;${n}`),
  fc.tuple(pick('38', '48', '58'), fc.nat(255), fc.nat(255)).map(([which, r, g]) => `${which};2;${r};${g};7`),
  fc.tuple(pick('38', '48', '58'), fc.nat(255)).map(([which, r]) => `${which}:2::${r}:1:2`),
);
const style = pick(
  '',
  '0',
  '1',
  '2',
  '3',
  '4',
  '4:3',
  '4:0',
  '5',
  '7',
  '8',
  '9',
  '21',
  '22',
  '23',
  '24',
  '25',
  '27',
  '28',
  '29',
  '53',
  '55',
);
const sgr = fc.array(fc.oneof(style, colour), { maxLength: 3 }).map((list) => `\x1b[${list.join(';')}m`);

const move = fc.tuple(params(40), pick(...'ABCDEFGHdefIZ`a')).map(([p, final]) => `\x1b[${p}${final}`);
const edit = fc.tuple(number(20), pick(...'@JKLMPSTX')).map(([p, final]) => `\x1b[${p}${final}`);
const repeat = number(9).map((p) => `\x1b[${p}b`);
const selective = pick('\x1b[1"q', '\x1b[0"q', '\x1b[?K', '\x1b[?1J');
const margins = fc.tuple(number(8), number(14)).map(([top, bottom]) => `\x1b[${top};${bottom}r`);
const columns = fc.tuple(number(5), pick(' @', ' A', "'}", "'~")).map(([n, final]) => `\x1b[${n}${final}`);

const privateMode = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        1,
        5,
        6,
        7,
        12,
        25,
        45,
        66,
        9,
        1000,
        1002,
        1003,
        1004,
        1005,
        1006,
        1007,
        1015,
        1016,
        2004,
        2026,
        2031,
      ),
      { minLength: 1, maxLength: 2 },
    ),
    pick('h', 'l'),
  )
  .map(([modes, final]) => `\x1b[?${modes.join(';')}${final}`);
const mode = fc.tuple(pick('4', '20'), pick('h', 'l')).map(([m, final]) => `\x1b[${m}${final}`);
const alternate = fc
  .tuple(pick('1049', '1047', '47', '1048'), pick('h', 'l'))
  .map(([m, final]) => `\x1b[?${m}${final}`);
const keyboard = pick(
  '\x1b[>1u',
  '\x1b[>31u',
  '\x1b[<u',
  '\x1b[<2u',
  '\x1b[=5;1u',
  '\x1b[=2;2u',
  '\x1b[=1;3u',
  '\x1b[>4;2m',
  '\x1b[>4;0m',
  '\x1b[>4n',
  '\x1b=',
  '\x1b>',
);
const cursor = pick(
  '\x1b7',
  '\x1b8',
  '\x1b[s',
  '\x1b[u',
  '\x1bD',
  '\x1bM',
  '\x1bE',
  '\x1b[ q',
  '\x1b[2 q',
  '\x1b[3 q',
  '\x1b[6 q',
);
const tabs = pick('\x1bH', '\x1b[g', '\x1b[3g');
const reset = pick('\x1bc', '\x1b[!p', '\x1b#8');
const links = pick('\x1b]8;;http://a/?q\x1b\\', '\x1b]8;id=x;http://b/\x07', '\x1b]8;;\x1b\\');
const colours = pick(
  '\x1b]4;1;#ff0000;200;rgb:1/2/3\x07',
  '\x1b]4;300;#ff0000;x;red\x07',
  '\x1b]10;red;#00f\x1b\\',
  '\x1b]11;rgb:ffff/0000/1234\x07',
  '\x1b]12;#nothing\x07',
  '\x1b]104\x07',
  '\x1b]104;1\x07',
  '\x1b]110\x1b\\',
  '\x1b]111\x07',
);
const titles = pick('\x1b]0;title\x07', '\x1b]2;häh\x1b\\', '\x1b[22;0t', '\x1b[23;0t', '\x1b]0;cut');
const charsets = pick('\x1b(0', '\x1b(B', '\x1b)0', '\x1b*A', '\x0e', '\x0f', '\x1bn', '\x1bo');
/** Strings with no meaning, sequences cut short by others, C1 characters, bytes that are no UTF-8. */
const odd = pick(
  '\x1bPq#0~~\x1b\\',
  '\x1b_Gf=1;AA\x1b\\',
  '\x1b[3',
  '\x1b[',
  '\x1b',
  '\x1b]2;odd',
  '\x1bP1$',
  '\x18',
  '\u0084',
  '\u009b1m',
  '\u009d2;t\u009c',
  '\x1b[1?c',
);
const broken = fc
  .constantFrom([0xe2], [0xf0, 0x9f], [0x9b], [0xff], [0xc2])
  .map((bytes) => Buffer.from(bytes));

const text = fc.oneof({ weight: 4, arbitrary: words }, { weight: 1, arbitrary: control });

const bytes = (arbitrary: fc.Arbitrary<string>) => arbitrary.map((value) => Buffer.from(value));

/** Everything but queries and charsets. */
const common = fc.oneof(
  { weight: 10, arbitrary: text },
  { weight: 4, arbitrary: sgr },
  { weight: 4, arbitrary: move },
  { weight: 3, arbitrary: edit },
  { weight: 2, arbitrary: fc.oneof(margins, columns, selective, privateMode, mode, alternate) },
  { weight: 1, arbitrary: fc.oneof(repeat, keyboard, cursor, tabs, reset, links, titles, colours) },
);

export const QUERIES = [
  '\x1b[c',
  '\x1b[0c',
  '\x1b[>c',
  '\x1b[=c',
  '\x1b[5n',
  '\x1b[6n',
  '\x1b[?6n',
  '\x1b[?996n',
  '\x1b[?2026$p',
  '\x1b[4$p',
  '\x1b[>q',
  '\x1b[>0q',
  '\x1bP$qm\x1b\\',
  '\x1bP$q q\x1b\\',
  '\x1bP+q544e\x1b\\',
  '\x1b]4;1;?\x07',
  '\x1b]10;?\x1b\\',
  '\x1b]10;?;?\x07',
  '\x1b]11;?\x07',
  '\x1b]12;?\x1b\\',
  '\x1b]52;c;?\x07',
  '\x1b]52;c;aGk=\x1b\\',
  '\x1b[14t',
  '\x1b[18t',
  '\x1b[21t',
  '\x1b[?u',
  '\x05',
  '\x1bZ',
  '\x1b[\r\n6n',
  '\u009b6n',
  '\x1b_Gi=1,a=q;AA\x1b\\',
  '\x1b]11;?',
] as const;

export const piece = bytes(common);
export const anyPiece = fc.oneof(
  { weight: 30, arbitrary: piece },
  { weight: 2, arbitrary: bytes(charsets) },
  { weight: 2, arbitrary: bytes(odd) },
  { weight: 1, arbitrary: broken },
);
export const queryPiece = bytes(fc.constantFrom(...QUERIES));

export const stream = (from: fc.Arbitrary<Buffer>, maxLength = 60): fc.Arbitrary<Buffer> =>
  fc.array(from, { maxLength }).map((list) => Buffer.concat(list));

/** The stream in chunks, cut anywhere. */
export const chunked = (from: fc.Arbitrary<Buffer>): fc.Arbitrary<{ whole: Buffer; chunks: Buffer[] }> =>
  fc
    .tuple(from, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }))
    .map(([whole, sizes]) => {
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < whole.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        chunks.push(whole.subarray(at, at + size));
        at += size;
      }
      return { whole, chunks };
    });
