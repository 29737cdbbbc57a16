/** Asks programs for their versions, seldom: what one has said holds until its file changes. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { readJson, writeWhole } from '../../platform/files.ts';

/** Milliseconds for a program to tell its version; some load a quarter of a gigabyte first. */
const ANSWER_MS = 3_000;
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

export class Versions {
  readonly #file: string;
  readonly #remember: boolean;

  constructor(home: string, remember = true) {
    this.#file = path.join(home, 'agent-versions.json');
    this.#remember = remember;
  }

  /** What each calls its version, null for one that does not tell; in the order of the questions, all at once. */
  async of(questions: readonly Asked[]): Promise<(string | null)[]> {
    const parsed = known.safeParse(readJson(this.#file));
    const before = parsed.success ? parsed.data : {};
    const answers = await Promise.all(
      questions.map(async (asked) => {
        const key = [asked.program, ...asked.args].join(' ');
        const stamp = stampOf(asked.program);
        const remembered = Object.hasOwn(before, key) ? before[key] : undefined;
        const fresh = stamp === undefined || remembered?.stamp !== stamp;
        const version = fresh ? await ask(asked) : remembered.version;
        return { key, stamp, version, fresh };
      }),
    );
    // One that did not answer in time may do so the next time.
    const news = answers.filter(
      ({ fresh, stamp, version }) => fresh && stamp !== undefined && version !== null,
    );
    if (this.#remember && news.length > 0) {
      const said = news.map(({ key, stamp, version }) => [key, { stamp, version }] as const);
      const all = Object.entries({ ...before, ...Object.fromEntries(said) }).slice(-MAX_KNOWN);
      writeWhole(this.#file, JSON.stringify(Object.fromEntries(all)));
    }
    return answers.map(({ version }) => version);
  }
}

/** Of the file that is run in the end: an update behind a link is a change. */
function stampOf(program: string): string | undefined {
  const stat = fs.statSync(program, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
}

function ask({ program, args, env }: Asked): Promise<string | null> {
  return new Promise((resolve) => {
    const options = {
      env,
      cwd: '/',
      timeout: ANSWER_MS,
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
