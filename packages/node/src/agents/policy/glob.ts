/** Globs of policies (rule A5). For words `*` is anything and `?` one character; for paths they stay within one name. Pure. */

/** A name of a path, literal or a glob, or `**`: any number of names. */
export type PathGlob = readonly (string | { glob: string } | typeof ANY)[];
export const ANY = Symbol('**');

/** Whether the whole text fits. */
export function fitsText(glob: string, text: string): boolean {
  // Most texts are told by how they begin.
  const wild = glob.search(/[*?]/);
  if (!text.startsWith(wild < 0 ? glob : glob.slice(0, wild))) return false;
  const [wanted, given] = [[...glob], [...text]];
  let [at, star, from] = [0, -1, 0];
  for (let i = 0; i < given.length; ) {
    if (wanted[at] === '*') {
      star = at;
      from = i;
      at += 1;
    } else if (wanted[at] === '?' || (at < wanted.length && wanted[at] === given[i])) {
      at += 1;
      i += 1;
    } else if (star >= 0) {
      // The star takes one character more, and all after it is tried again.
      from += 1;
      i = from;
      at = star + 1;
    } else return false;
  }
  return wanted.slice(at).every((one) => one === '*');
}

/** Whether there is a text that fits both globs. */
export function mayFitText(glob: string, other: string): boolean {
  const [a, b] = [[...glob], [...other]];
  // Of each place in `a` whether what is left of it and of `b` from `j` on may be the same; from the end of `b`.
  let next: boolean[] = [];
  for (let j = b.length; j >= 0; j -= 1) {
    const row: boolean[] = [];
    for (let i = a.length; i >= 0; i -= 1) {
      const [x, y] = [a[i], b[j]];
      const same = x !== undefined && y !== undefined && (x === y || x === '?' || y === '?');
      row[i] =
        (x === undefined && y === undefined) ||
        (x === '*' && (row[i + 1] === true || next[i] === true)) ||
        (y === '*' && (next[i] === true || row[i + 1] === true)) ||
        (same && next[i + 1] === true);
    }
    next = row;
  }
  return next[0] === true;
}

/**
 * A glob of the file as one from the root, below `base` unless it is absolute: `~` is `home`. What the bases are called is
 * meant literally. A trailing slash means all that is in there.
 */
export function pathGlob(glob: string, base: string, home: string): PathGlob {
  const [from, rest] = glob.startsWith('/')
    ? ['/', glob]
    : glob === '~' || glob.startsWith('~/')
      ? [home, glob.slice(1)]
      : [base, glob];
  const out: (string | { glob: string } | typeof ANY)[] = namesOf(from);
  for (const name of rest.normalize('NFC').split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') out.pop();
    else if (name === '**') out.push(ANY);
    else out.push(/[*?]/.test(name) ? { glob: name } : name);
  }
  if (rest.endsWith('/')) out.push(ANY);
  return out;
}

/** The names of an absolute path, `.` and `..` taken away as they are written. */
export function namesOf(path: string): string[] {
  const out: string[] = [];
  for (const name of path.normalize('NFC').split('/')) {
    if (name === '..') out.pop();
    else if (name !== '' && name !== '.') out.push(name);
  }
  return out;
}

/** How a path fits: by itself; with whatever is in it; whether something in it could, were it a directory. */
export interface PathFit {
  itself: boolean;
  all: boolean;
  below: boolean;
}

const NOT_AT_ALL: PathFit = { itself: false, all: false, below: false };

/** A path by its names. */
export function fitsPath(glob: PathGlob, names: readonly string[]): PathFit {
  let states = withoutNames(glob, [0]);
  for (const name of names) {
    const next: number[] = [];
    for (const state of states) {
      const wanted = glob[state];
      if (wanted === ANY) next.push(state);
      else if (wanted !== undefined && fitsName(wanted, name)) next.push(state + 1);
    }
    states = withoutNames(glob, next);
    if (states.size === 0) return NOT_AT_ALL;
  }
  const itself = states.has(glob.length);
  return {
    itself,
    all: itself && glob.at(-1) === ANY,
    below: [...states].some((state) => state < glob.length),
  };
}

/** With the places that `**` leads on to when it stands for nothing. */
function withoutNames(glob: PathGlob, states: readonly number[]): Set<number> {
  const all = new Set(states);
  for (const state of all) if (glob[state] === ANY) all.add(state + 1);
  return all;
}

function fitsName(wanted: string | { glob: string }, name: string): boolean {
  return typeof wanted === 'string' ? wanted === name : fitsText(wanted.glob, name);
}
