/** Finds the session and hands over to the chat, which is a program of its own beside this one. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SkeinError } from '@skein/protocol/errors';
import { sessionsOf } from '../../connect/sessions.ts';
import type { Call } from '../../invocation/call.ts';

declare const __SKEIN_BUNDLE__: unknown;
/** What imports a file, given to the bundle (scripts/build/whole-as-text.ts). */
declare const __skeinImport: (file: string) => Promise<typeof import('../../chat/chat.ts')>;

export async function run(call: Call): Promise<number> {
  const { home } = call;
  const [ref, { chat }] = await Promise.all([sessionFor(home, call.arg('ref')), load()]);
  return chat({
    ...{ home, ref, json: call.json, plain: call.flag('plain') },
    noColor: call.flag('no-color'),
  });
}

/** The session that was named, or the newest with agents. Also starts the node, which the chat by itself would not. */
async function sessionFor(home: string, named: string | undefined): Promise<string> {
  const sessions = await sessionsOf(home);
  if (named !== undefined) return named;
  const withAgents = sessions.filter(({ agents }) => agents !== undefined && agents.length > 0);
  const session = withAgents.findLast(({ state }) => state === 'running') ?? withAgents.at(-1);
  if (session !== undefined) return session.id;
  throw new SkeinError('not_found', 'No session has an agent. Start one: skein run claude');
}

async function load(): Promise<typeof import('../../chat/chat.ts')> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return await import('../../chat/chat.ts');
  return await __skeinImport(pathToFileURL(path.join(import.meta.dirname, 'chat.mjs')).href);
}
