/** Asks programs for their versions, seldom: what one has said holds until its file changes. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { readJson, writeWhole } from '../../platform/files.ts';

/**
 * Milliseconds for which a program that is to tell its version is waited for; that it has in all, some load a quarter of a gigabyte
 * first, and what it says late is known the next time; and for which one that did not tell it is not asked again.
 */
const TIMES = { answer: 3_000, longest: 30_000, silent: 60_000 };
/** Bytes of what it may say. */
const MAX_ANSWER = 64 * 1024;
/** Programs that are remembered. */
const MAX_KNOWN = 64;
/** Characters of a version. */
const MAX_VERSION = 64;

const known = z.record(z.string(), z.object({ stamp: z.string(), version: z.string().nullable() }));

export interface Asked {
  program: string;
  args: readonly string[];
  env: Record<string, string>;
}

/** A program that was asked, as its file is: until when others wait for it, and when it may be asked again if it did not tell. */
interface Asking {
  version: Promise<string | null>;
  waited: number;
  again: number;
}
/** Of this process, whoever asks: a program that takes long is not started once more for each. */
const under = new Map<string, Asking>();

export class Versions {
  readonly #file: string;
  readonly #remember: boolean;
  readonly #times: typeof TIMES;

  constructor(home: string, remember = true, times = TIMES) {
    this.#file = path.join(home, 'agent-versions.json');
    this.#remember = remember;
    this.#times = remember ? times : { ...times, longest: times.answer };
  }

  /** What each calls its version, null for one that does not tell; in the order of the questions, all at once. */
  async of(questions: readonly Asked[]): Promise<(string | null)[]> {
    const before = this.#known();
    return await Promise.all(
      questions.map(async (asked) => {
        const key = keyOf(asked);
        const stamp = stampOf(asked.program);
        const remembered = Object.hasOwn(before, key) ? before[key] : undefined;
        return stamp !== undefined && remembered?.stamp === stamp
          ? remembered.version
          : await this.#ask(asked, stamp ?? '');
      }),
    );
  }

  #ask(asked: Asked, stamp: string): Promise<string | null> {
    const now = performance.now();
    const key = `${keyOf(asked)} ${stamp} ${asked.env.PATH}`;
    const before = under.get(key);
    const { answer, longest, silent } = this.#times;
    if (before !== undefined && now < before.again) return within(before.version, before.waited - now);
    const version = ask(asked, longest);
    forgetSome(now);
    under.set(key, { version, waited: now + answer, again: now + longest + silent });
    void version.then((said) => {
      if (said === null || !this.#remember) return;
      this.#keep(keyOf(asked), { stamp, version: said });
      under.delete(key);
    });
    return within(version, answer);
  }

  #known(): z.infer<typeof known> {
    const parsed = known.safeParse(readJson(this.#file));
    return parsed.success ? parsed.data : {};
  }

  #keep(key: string, said: { stamp: string; version: string }): void {
    try {
      const all = Object.entries({ ...this.#known(), [key]: said }).slice(-MAX_KNOWN);
      writeWhole(this.#file, JSON.stringify(Object.fromEntries(all)));
    } catch {
      // The home is gone, or its disk full: it is asked again.
    }
  }
}

const keyOf = ({ program, args }: Asked) => [program, ...args].join(' ');

function forgetSome(now: number): void {
  for (const [key, { again }] of under) if (again <= now || under.size >= MAX_KNOWN) under.delete(key);
}

/** Null when it takes longer than that. */
function within(version: Promise<string | null>, ms: number): Promise<string | null> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, Math.max(0, ms), null);
    void version.then((said) => {
      clearTimeout(late);
      resolve(said);
    });
  });
}

/** Of the file that is run in the end: an update behind a link is a change. */
function stampOf(program: string): string | undefined {
  const stat = fs.statSync(program, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}

function ask({ program, args, env }: Asked, timeout: number): Promise<string | null> {
  return new Promise((resolve) => {
    const options = {
      env,
      cwd: '/',
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_ANSWER,
    } as const;
    const child = execFile(program, [...args], options, (error, out) =>
      resolve(error === null ? versionIn(out) : null),
    );
    // Nobody answers what it might ask.
    child.stdin?.end();
    child.stdin?.on('error', () => {});
  });
}

/** The first thing that looks like one, else the first line. */
export function versionIn(said: string): string | null {
  const number = /\d+\.\d+(?:\.\d+)*(?:-[0-9A-Za-z.-]+)?/.exec(said)?.[0];
  const line = said.split('\n').find((one) => one.trim() !== '');
  return (number ?? line?.trim())?.slice(0, MAX_VERSION) ?? null;
}
