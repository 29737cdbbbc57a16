/** Settings that a definition gives to Claude Code among its arguments: it takes one file of them, which is then ours with theirs in it. */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';

const FLAG = '--settings';
/** Bytes of their file. */
const MAX_SETTINGS = 1024 * 1024;

export type Settings = Record<string, unknown>;
type Groups = Record<string, unknown[]>;

/** The last settings named in `argv`, and `argv` without any. Throws `agent_start_failed`, as the program would. */
export function theirSettings(argv: readonly string[], cwd: string): { argv: string[]; settings: Settings } {
  const rest: string[] = [];
  let given: string | undefined;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === FLAG && at + 1 < argv.length) given = argv[++at];
    else if (word.startsWith(`${FLAG}=`)) given = word.slice(FLAG.length + 1);
    else rest.push(word);
  }
  return { argv: rest, settings: given === undefined ? {} : read(given, cwd) };
}

/** Theirs, with further hooks after those that they have. */
export function withHooks(settings: Settings, ours: Groups): Settings {
  const hooks: Groups = { ...(isObject(settings.hooks) ? (settings.hooks as Groups) : {}) };
  for (const [event, groups] of Object.entries(ours)) {
    const before = Object.hasOwn(hooks, event) ? hooks[event] : [];
    hooks[event] = [...(Array.isArray(before) ? before : []), ...groups];
  }
  return { ...settings, hooks };
}

function read(given: string, cwd: string): Settings {
  try {
    const inline = given.trimStart().startsWith('{');
    const file = path.resolve(cwd, given);
    if (!inline && fs.statSync(file).size > MAX_SETTINGS) throw new Error(`more than ${MAX_SETTINGS} bytes`);
    const value: unknown = JSON.parse(inline ? given : fs.readFileSync(file, 'utf8'));
    if (isObject(value)) return value;
    throw new Error('no object');
  } catch (error) {
    const what = given.trimStart().startsWith('{') ? 'The settings' : `The settings file ${given}`;
    const why = error instanceof Error ? error.message : String(error);
    throw new SkeinError('agent_start_failed', `${what} of its definition cannot be used: ${why}`);
  }
}

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
