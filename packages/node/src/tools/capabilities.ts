/**
 * The tokens by which agents prove their capability (rule N1): made at the start of each run and handed over in a file that only
 * this user can read; the log keeps the hash alone. With its run a token is over.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SkeinError } from '@skein/protocol/errors';
import type { SessionState } from '@skein/protocol/sessions/state';
import { runDir } from '../host/run-files.ts';
import { makeDir, writeWhole } from '../platform/files.ts';
import { directing } from './judge.ts';
import { mayNotDirect } from './refusals.ts';

/** 128 bits. */
const SECRET_BYTES = 16;
/** The session, the run, and the secret. */
const TOKEN = /^([a-z2-7]{12})\.([a-z2-7]{12})\.[A-Za-z0-9_-]{22}$/;

/** An agent, as its token names it. */
export interface ProvedAgent {
  kind: 'agent';
  session: string;
  agent: string;
  run: string;
}

export function capabilityFile(home: string, run: string): string {
  return path.join(runDir(home, run), 'capability');
}

/** Writes a token for a run that is about to be started; returns its hash. */
export function makeToken(home: string, session: string, run: string): string {
  const token = `${session}.${run}.${randomBytes(SECRET_BYTES).toString('base64url')}`;
  makeDir(runDir(home, run));
  writeWhole(capabilityFile(home, run), token);
  return hashOf(token);
}

/** The hash of the token that a run was started with, as its file has it; undefined for one without. */
export function tokenKept(home: string, run: string): string | undefined {
  try {
    return hashOf(fs.readFileSync(capabilityFile(home, run), 'utf8').trim());
  } catch {
    return undefined;
  }
}

/** The agent whose token it is; throws `not_allowed`, the same for whatever is wrong with it. */
export async function prove(
  token: string,
  sessions: { session(id: string): Promise<SessionState> },
): Promise<ProvedAgent> {
  const [, session = '', run = ''] = TOKEN.exec(token) ?? [];
  if (session === '') throw mayNotDirect();
  const state = await sessions.session(session).catch(() => undefined);
  const agent = Object.values(state?.agents ?? {}).find((one) => one.run?.run === run);
  if (state === undefined || !same(hashOf(token), agent?.run?.token)) throw mayNotDirect();
  const proved: ProvedAgent = { kind: 'agent', session, agent: agent?.agent ?? '', run };
  checkRun(state, proved);
  return proved;
}

/** Whether that run is still the agent's, and it may direct others; throws `not_allowed`. */
export function checkRun(state: SessionState, { session, agent, run }: ProvedAgent): void {
  if (directing(state, { session, agent }).run?.run !== run) throw mayNotDirect();
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function same(a: string, b: string | undefined): boolean {
  const [one, other] = [Buffer.from(a, 'hex'), Buffer.from(b ?? '', 'hex')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** What a program is told of its token, in its environment. */
export function capabilityEnvironment(home: string, run: string): Record<string, string> {
  return { SKEIN_CAPABILITY: capabilityFile(home, run), SKEIN_HOME: home };
}

export function unproved(): SkeinError {
  return new SkeinError('not_allowed', 'An agent begins with the token of its capability (rule N1).', {
    rule: 'N1',
  });
}
