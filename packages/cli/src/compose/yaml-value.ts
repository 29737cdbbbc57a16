/**
 * A YAML text as plain values that know where each stands (rule B2): aliases and merges followed within bounds, variables put in,
 * and each of YAML's traps told instead of taken.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { FieldPath, Problems } from './problems.ts';
import { substitute } from './substitute.ts';
import { keyOf, scalarTrap, syntaxMessage } from './yaml-traps.ts';

/** Characters of a file. Nobody writes one this long by hand. */
export const MAX_FILE = 256 * 1024;
/** Values of a file, those that aliases stand for included: a few lines of YAML can otherwise stand for gigabytes. */
const MAX_VALUES = 20_000;
/** Levels. */
const MAX_DEPTH = 32;

export interface Position {
  line: number;
  column: number;
}

export interface ComposeValue {
  value: unknown;
  /** Where the value of a field stands, or its name; of one that is not there, what it would be in. */
  at(field: FieldPath, name?: boolean): Position;
  /** Whether a variable was put into it, so that it is a text whatever it looks like. */
  filled(field: FieldPath): boolean;
}

const START: Position = { line: 1, column: 1 };
const keyed = (field: FieldPath) => JSON.stringify(field);

/** Undefined where nothing can be read; what is wrong has been added. */
export function readValue(
  given: string,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): ComposeValue | undefined {
  const text = given.replace(/^\ufeff/, '');
  if (text.length > MAX_FILE) {
    problems.add(START, [], `it has more than ${MAX_FILE} characters`);
    return undefined;
  }
  const lines = new LineCounter();
  const document = parsed(text, lines);
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document === undefined) {
    problems.add(START, [], `it has more than ${MAX_DEPTH} levels`);
    return undefined;
  }
  // One slip leads to several: the first is the one to mend.
  const [wrong] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (wrong !== undefined) {
    const [offset] = wrong.pos;
    problems.add(position(offset), [], syntaxMessage(wrong.code, wrong.message, text.slice(offset)));
    return undefined;
  }
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    problems.add(START, [], 'it says that it is another YAML than 1.2; take that line out');
    return undefined;
  }
  return new Reader(document, text, position, env, problems).read();
}

function parsed(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (error) {
    // So deep that whoever reads it has run out of stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Reader {
  readonly #document: Document;
  readonly #text: string;
  readonly #position: (offset: number) => Position;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #problems: Problems;
  readonly #values = new Map<string, number>();
  readonly #names = new Map<string, number>();
  readonly #filled = new Set<string>();
  readonly #used = new Set<string>();
  #count = 0;
  #full = false;

  constructor(
    document: Document,
    text: string,
    position: (offset: number) => Position,
    env: Readonly<Record<string, string | undefined>>,
    problems: Problems,
  ) {
    this.#document = document;
    this.#text = text;
    this.#position = position;
    this.#env = env;
    this.#problems = problems;
  }

  read(): ComposeValue | undefined {
    const { contents } = this.#document;
    if (contents === null || (isScalar(contents) && contents.value === null)) {
      this.#problems.add(START, [], 'it is empty; it begins with name: and sessions:');
      return undefined;
    }
    const value = this.#value(contents as Node, [], []);
    this.#looseAnchors();
    return {
      value,
      at: (field, name) => this.#at(field, name === true),
      filled: (field) => this.#filled.has(keyed(field)),
    };
  }

  #value(node: Node | null, field: FieldPath, within: readonly Node[]): unknown {
    if (node === null || this.#full) return null;
    this.#count += 1;
    if (this.#count > MAX_VALUES || within.length > MAX_DEPTH) {
      this.#full = true;
      const what =
        this.#count > MAX_VALUES ? `${MAX_VALUES} values, aliases followed` : `${MAX_DEPTH} levels`;
      this.#problems.add(this.#of(node), field, `it has more than ${what}`);
      return null;
    }
    if (!this.#values.has(keyed(field))) this.#values.set(keyed(field), node.range?.[0] ?? 0);
    if (isAlias(node)) {
      const meant = this.#aliased(node, field, within);
      return meant === undefined ? null : this.#value(meant, field, [...within, meant]);
    }
    if (isMap(node)) return this.#map(node, field, [...within, node]);
    if (isSeq(node))
      return node.items.map((item, at) =>
        this.#value(item as Node | null, [...field, at], [...within, node]),
      );
    return isScalar(node) ? this.#scalar(node, field) : null;
  }

  #aliased(node: Node & { source: string }, field: FieldPath, within: readonly Node[]): Node | undefined {
    const meant = isAlias(node) ? node.resolve(this.#document) : undefined;
    this.#used.add(node.source);
    if (meant === undefined)
      this.#problems.add(
        this.#of(node),
        field,
        `*${node.source} refers to an anchor that is not there; a text that begins with * needs quotes`,
      );
    else if (within.includes(meant)) {
      this.#problems.add(this.#of(node), field, `*${node.source} stands in what it refers to`);
      return undefined;
    }
    return meant;
  }

  #map(map: YAMLMap, field: FieldPath, within: readonly Node[]): Record<string, unknown> {
    const own: Record<string, unknown> = Object.create(null);
    const merged: Record<string, unknown> = Object.create(null);
    for (const { key, value } of map.items) {
      const found = keyOf(key);
      const offset = (key as Node | null)?.range?.[0] ?? map.range?.[0] ?? 0;
      if ('problem' in found) {
        this.#problems.add(this.#position(offset), field, found.problem);
        continue;
      }
      const { name } = found;
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        this.#merge(merged, value as Node | null, field, within);
        continue;
      }
      const path = [...field, name];
      this.#names.set(keyed(path), offset);
      this.#values.set(keyed(path), (value as Node | null)?.range?.[0] ?? offset);
      own[name] = this.#value(value as Node | null, path, within);
    }
    return Object.assign(merged, own);
  }

  /** `<<: *other`: its fields, where they are not told here. */
  #merge(into: Record<string, unknown>, node: Node | null, field: FieldPath, within: readonly Node[]): void {
    const from = isSeq(node) ? node.items : [node];
    for (const one of from) {
      const meant = isAlias(one) ? this.#aliased(one, field, within) : one;
      if (!isMap(meant)) {
        if (meant !== undefined && one !== null && one !== undefined)
          this.#problems.add(this.#of(one as Node), field, '<< takes names and their values: <<: *anchor');
        continue;
      }
      const fields = this.#map(meant, field, [...within, meant]);
      for (const [name, value] of Object.entries(fields)) if (!Object.hasOwn(into, name)) into[name] = value;
    }
  }

  #scalar(node: Scalar, field: FieldPath): unknown {
    const trap = scalarTrap(node, this.#text.slice(node.range?.[1] ?? this.#text.length));
    if (trap !== undefined) this.#problems.add(this.#of(node), field, trap);
    if (typeof node.value === 'bigint') return Number(node.value);
    if (typeof node.value !== 'string') return node.value;
    const { text, changed, problems } = substitute(node.value, this.#env);
    for (const { message } of problems) this.#problems.add(this.#of(node), field, message);
    if (changed) this.#filled.add(keyed(field));
    return text;
  }

  /** `&name` that nothing refers to was hardly meant as an anchor. */
  #looseAnchors(): void {
    visit(this.#document, {
      Node: (_, node) => {
        const anchor = 'anchor' in node ? (node.anchor as string | undefined) : undefined;
        // A part of the file may be named for later; a text hardly.
        if (anchor === undefined || !isScalar(node) || node.type !== 'PLAIN' || this.#used.has(anchor))
          return;
        const message = `nothing refers to &${anchor}; a text that begins with & needs quotes`;
        this.#problems.add(this.#of(node), [], message);
      },
    });
  }

  #of(node: Node): Position {
    return this.#position(node.range?.[0] ?? 0);
  }

  #at(field: FieldPath, name: boolean): Position {
    const maps = name ? [this.#names, this.#values] : [this.#values, this.#names];
    for (let some = field.length; some >= 0; some -= 1) {
      for (const map of maps) {
        const offset = map.get(keyed(field.slice(0, some)));
        if (offset !== undefined && (some > 0 || map === this.#values)) return this.#position(offset);
      }
    }
    return START;
  }
}
