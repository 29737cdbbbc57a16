/**
 * Environments of agents, from their first start until they are removed: one that is started again has the same as before.
 * They hold secrets, so they never enter an event or the log; each lies in a file of its own, 0600.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import { identifier } from '@skein/protocol/identifier';
import { isCode, makeDir, writeWhole } from '../platform/files.ts';

type Env = Record<string, string>;

export class AgentEnvironments {
  readonly #dir: string;

  constructor(home: string) {
    this.#dir = path.join(home, 'agents-env');
    makeDir(this.#dir);
  }

  /** Keeps an agent's environment, in place of the one it had. */
  keep(agent: string, vars: Env): void {
    writeWhole(this.#file(agent), JSON.stringify(vars));
  }

  /** Undefined for an agent that was given none. Throws `agent_start_failed` when what is kept cannot be read. */
  take(agent: string): Env | undefined {
    const file = this.#file(agent);
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw unreadable(agent);
    }
    try {
      return JSON.parse(text) as Env;
    } catch {
      throw unreadable(agent);
    }
  }

  drop(agent: string): void {
    fs.rmSync(this.#file(agent), { force: true });
  }

  /** Removes those of agents that are no more, and what a crash left half written. Nothing may be starting meanwhile. */
  sweep(known: ReadonlySet<string>): void {
    for (const name of fs.readdirSync(this.#dir))
      if (!known.has(name)) fs.rmSync(path.join(this.#dir, name), { force: true });
  }

  #file(agent: string): string {
    if (!identifier.safeParse(agent).success)
      throw new SkeinError('bad_request', 'This is no id of an agent.');
    return path.join(this.#dir, agent);
  }
}

function unreadable(agent: string): SkeinError {
  return new SkeinError(
    'agent_start_failed',
    `The environment of agent ${agent} cannot be read any more. Remove it and add it again.`,
  );
}
