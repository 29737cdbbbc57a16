/** Which escape sequences make a terminal answer, write its clipboard, or call its user (H7). */

import { State } from '../queries/sequences.ts';

/** CSI sequences that are answered, by everything between the introducer and the end. */
const CSI_QUERIES = [
  /^[>=]?[\d;:]*c$/, // DA1, DA2, DA3
  /^\??[\d;:]*n$/, // DSR, CPR, colour scheme; CSI > n turns modifyOtherKeys off instead
  /^\??[\d;:]*\$p$/, // DECRQM
  /^[\d;:]*\$[wu]$/, // DECRQPSR, DECRQTSR
  /^&u$/, // DECRQUPSS
  /^[\d;:]*\*y$/, // DECRQCRA
  /^[\d;:]*x$/, // DECREQTPARM
  /^[\d;:]*'\|$/, // DECRQLP
  /^[\d;:]*#\|$/, // XTREPORTSGR
  /^>[\d;:]*q$/, // XTVERSION
  /^\?[\d;:]*[muS]$/, // XTQMODKEYS, kitty keyboard, XTSMGRAPHICS
  /^(?:11|13|14|15|16|18|19|20|21)(?:;[\d;:]*)?t$/, // window reports
  /^\?2048h$/, // size reports, the first of which comes at once
];

/** Final bytes that may end a query, and those that do so only after `?`: most sequences need no closer look. */
const MAY_ASK = finals('cnpwuyx|qt');
const MAY_ASK_PRIVATE = finals('mSh');

function finals(chars: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}

const QUESTION = 0x3f;

/** OSC numbers that are answered when a `?` is in them: colours, special colours, fonts, pointers. */
const OSC_ASKING = new Set([4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 50]);

/** OSC numbers that reach the clipboard or are always answered. */
const OSC_ALWAYS = new Set([52, 60, 61, 5522]);

/** How a sequence is to be treated, by what its first bytes say. */
export type Intent =
  | 'harmless'
  | 'asks'
  /** It asks if a `?` is in it. */
  | 'mayAsk'
  /** A bell or a notification. */
  | 'calls';

/** Bytes of a string's beginning that `intentOf` looks at. */
const HEAD = 64;

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to);
}

/** The intent of the sequence `bytes[from, to)`, of a kind that the walker told. */
export function intentOf(bytes: Uint8Array, from: number, to: number, kind: number): Intent {
  switch (kind) {
    case State.CSI_ENTRY:
    case State.CSI_PARAM:
    case State.CSI_INTERMEDIATE:
      return csiIntent(bytes, from, to);
    case State.ESCAPE:
      return bytes[to - 1] === 0x5a ? 'asks' : 'harmless'; // DECID
    case State.OSC:
      return oscIntent(latin1(bytes, from + 2, Math.min(to, from + HEAD)));
    case State.DCS_DATA:
      // DECRQSS, XTGETTCAP
      return /^[\d;:]*[$+]q/.test(latin1(bytes, from + 2, Math.min(to, from + HEAD))) ? 'asks' : 'harmless';
    case State.STRING:
      return kittyGraphicsIntent(latin1(bytes, from, Math.min(to, from + HEAD)));
    default:
      return 'harmless';
  }
}

function csiIntent(bytes: Uint8Array, from: number, to: number): Intent {
  const final = bytes[to - 1] ?? 0;
  if (MAY_ASK[final] === 0) {
    const first = bytes[from + 2] ?? 0;
    if (MAY_ASK_PRIVATE[final] === 0 || (first >= 0x20 && first < 0x7f && first !== QUESTION))
      return 'harmless';
  }
  // Control characters inside a sequence act by themselves and are no part of it.
  const body = latin1(bytes, from + 2, to).replace(/[\x00-\x1f\x7f-\xff]/g, '');
  return CSI_QUERIES.some((query) => query.test(body)) ? 'asks' : 'harmless';
}

function oscIntent(head: string): Intent {
  // Controls are dropped inside an OSC.
  const clean = head.replace(/[\x00-\x1f]/g, '');
  const number = Number(/^\d+/.exec(clean)?.[0] ?? -1);
  if (OSC_ALWAYS.has(number)) return 'asks';
  if (OSC_ASKING.has(number)) return 'mayAsk';
  if (number === 1337) {
    return /^1337;(?:Report|Request|Copy|EndCopy|Clipboard|Paste)/i.test(clean) ? 'asks' : 'harmless';
  }
  if (number === 99) return 'calls';
  if (number === 777) return 'calls';
  // ConEmu's progress bar shares the number of iTerm's notification.
  if (number === 9 && !/^0*9;4(?:;|$)/.test(clean)) return 'calls';
  return 'harmless';
}

/** `a=q` asks whether a picture could be shown. */
function kittyGraphicsIntent(head: string): Intent {
  const control = /^(?:\x1b_|\xc2\x9f)G([^;\x1b\x9c]*)/.exec(head)?.[1];
  return control !== undefined && /(?:^|,)a=q(?:,|$)/.test(control) ? 'asks' : 'harmless';
}
