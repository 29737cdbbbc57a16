/** A gate as simple as can be: paths that are held are refused, all others are let through, and everything that it is told is kept. */
import type { Refused, Verdict, WriteGate, Writer } from '../../workspaces/gate.ts';

export const WRITER: Writer = {
  ...{ workspace: 'workspaceaaa', session: 'sessionaaaaa', agent: 'agentaaaaaaa', run: 'runaaaaaaaaa' },
  ...{ cwd: '/w', tellsReads: true },
};

export class FakeGate implements WriteGate {
  /** Held by somebody else. */
  readonly held = new Set<string>();
  /** Held from the moment when it is asked to let a call through, not before. */
  readonly snatched = new Set<string>();
  readonly told: string[] = [];
  readonly open = new Set<string>();
  readonly texts = new Map<string, string>();
  /** What the next calls throw. */
  readonly fails: Error[] = [];

  look(_writer: Writer, paths: readonly string[]): Refused | undefined {
    return this.#refused(paths, this.held);
  }

  async begin(writer: Writer, call: string, paths: readonly string[]): Promise<Verdict> {
    const failure = this.fails.shift();
    if (failure !== undefined) throw failure;
    const refused = this.#refused(paths, this.held) ?? this.#refused(paths, this.snatched);
    this.told.push(`begin ${call} ${paths.join(' ')}${from(writer)}${refused === undefined ? '' : ': no'}`);
    if (refused !== undefined) return { ok: false, refused };
    this.open.add(call);
    return { ok: true, fence: 1 };
  }

  end(_writer: Writer, call: string): void {
    this.told.push(`end ${call}`);
    this.open.delete(call);
  }

  turnEnded(): void {
    this.told.push('turn ended');
  }

  read(writer: Writer, path: string): void {
    this.told.push(`read ${path}${from(writer)}`);
  }

  async readText(_writer: Writer, path: string): Promise<string> {
    const failure = this.fails.shift();
    if (failure !== undefined) throw failure;
    return this.texts.get(path) ?? '';
  }

  async writeText(_writer: Writer, call: string, path: string, text: string): Promise<Verdict> {
    const failure = this.fails.shift();
    if (failure !== undefined) throw failure;
    this.told.push(`write ${call} ${path}`);
    const refused = this.#refused([path], this.held);
    if (refused !== undefined) return { ok: false, refused };
    this.texts.set(path, text);
    return { ok: true, fence: 1 };
  }

  #refused(paths: readonly string[], among: ReadonlySet<string>): Refused | undefined {
    const found = paths.filter((path) => among.has(path));
    if (found.length === 0) return undefined;
    const holder = { kind: 'person', member: null, name: 'bob' } as const;
    const message = `Held by bob: ${found.join(', ')}`;
    return { why: 'held', paths: found, holder, until: 1, message };
  }
}

const from = ({ cwd }: Writer) => (cwd === WRITER.cwd ? '' : ` from ${cwd}`);
