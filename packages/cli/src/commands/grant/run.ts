/** Gives a grant, or revokes one, and says what to type on the other machine. */
import { homedir } from 'node:os';
import path from 'node:path';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_GRANTED, MAX_TERM_MS, MIN_TERM_MS, TERM_MS } from '@skein/protocol/machines/limits';
import { AWAY, CLAIMS_AWAY } from '@skein/protocol/machines/policies';
import { isLocator } from '@skein/protocol/peers/locator';
import { age } from '@skein/protocol/text/words';
import { addNode } from '../../connect/add-node.ts';
import { foundBy } from '../../connect/found-by.ts';
import { connectNode } from '../../connect/node.ts';
import { nodeNamed, shownNode } from '../../connect/node-named.ts';
import { type Call, oneOf, parseDuration } from '../../invocation/call.ts';
import { complain, print, printJson } from '../../output/write.ts';

interface Given {
  grant: string;
  agents: string[];
  dirs: string[];
  max: number;
  term: number;
  expires: number | null;
}

export async function run(call: Call): Promise<void> {
  const wish = call.needed('node');
  if (wish === 'revoke') return revoke(call);
  const wanted = wantedOf(call);
  const client = await connectNode(call.home);
  const node = isLocator(wish)
    ? { ...(await addNode(client, wish)), people: [] }
    : nodeNamed(await client.ask('nodes', {}), wish);
  const { peer } = node;
  if (peer === (await client.ask('mesh', {})).id)
    throw new SkeinError('bad_request', 'That is this node itself: it needs no grant.');
  const given = (await client.command('peers', 'grant.give', { grant: newId(), peer, ...wanted })) as Given;
  const { locator, warning } = await foundBy(client);
  if (call.json) return printJson({ ...given, node: node.name || null, locator });
  await warnOfUnknown(client, given.agents);
  const { agents, dirs, max, expires } = given;
  const where = dirs.length === 0 ? 'in workspaces made for them' : `in ${dirs.join(', ')}`;
  const until = expires === null ? 'until it is revoked' : `for ${age(expires - Date.now() + 1_000)}`;
  const which = agents.includes('*') ? 'any agent' : agents.join(', ');
  print(
    `${shownNode(node)} may run ${which} here, ${where}, ${max} at a time, ${until} (grant ${given.grant}).`,
  );
  if (warning !== undefined) complain(warning.message, warning.advice);
  if (locator === null) return;
  print(`If this machine is not known there yet:\n\n  skein node add ${locator}\n`);
}

function wantedOf(call: Call) {
  const agents = listed(call.texts('agents'));
  if (agents.length === 0)
    throw new SkeinError('bad_request', 'Say which agents: --agents codex,claude', {
      see: 'skein grant --help',
    });
  const lifetime = parseDuration('expires', call.text('expires'));
  const term = parseDuration('term', call.text('term'), MAX_TERM_MS) ?? TERM_MS;
  if (term < MIN_TERM_MS) throw new SkeinError('bad_request', `--term is at least ${MIN_TERM_MS / 1_000}s.`);
  return {
    agents,
    dirs: listed(call.texts('dirs')).map(absolute),
    max: call.integer('max', MAX_GRANTED, 1) ?? 1,
    term,
    away: oneOf('away', call.text('away') ?? 'stop', AWAY),
    claims: oneOf('claims', call.text('claims') ?? 'hold', CLAIMS_AWAY),
    ...(lifetime === undefined ? {} : { lifetime }),
  };
}

function listed(given: readonly string[]): string[] {
  return given.flatMap((text) => text.split(',')).filter((text) => text !== '');
}

/** A shell resolves `~` only where a word begins. */
function absolute(dir: string): string {
  return path.resolve(dir === '~' || dir.startsWith('~/') ? path.join(homedir(), dir.slice(1)) : dir);
}

async function warnOfUnknown(client: Client, agents: readonly string[]): Promise<void> {
  const there = (await client.ask('agents', {})).map(({ name }) => name);
  for (const name of agents)
    if (name !== '*' && !there.includes(name))
      complain(`there is no agent "${name}" here yet.`, 'Those that are: skein agent ls');
}

async function revoke(call: Call): Promise<void> {
  const ref = call.arg('which');
  if (ref === undefined)
    throw new SkeinError('bad_request', 'Say which grant, or which node. Those that are: skein grants');
  const client = await connectNode(call.home);
  const all = await client.ask('grants', {});
  const one = all.find(({ grant }) => grant === ref);
  const peer =
    one === undefined
      ? nodeNamed(await client.ask('nodes', {}), ref, 'What was granted: skein grants').peer
      : undefined;
  const gone = one === undefined ? all.filter((each) => each.peer === peer) : [one];
  if (gone.length === 0)
    throw new SkeinError('not_found', `${ref} has no grant here. Those that are: skein grants`);
  for (const { grant } of gone) await client.command('peers', 'grant.revoke', { grant });
  if (call.json) return printJson(gone.map(({ grant }) => ({ grant })));
  const running = gone.reduce((sum, { used }) => sum + used, 0);
  const ended =
    running === 0
      ? ''
      : running === 1
        ? ' Its agent is being stopped.'
        : ` Its ${running} agents are being stopped.`;
  print(`Revoked: ${gone.map(({ grant }) => grant).join(', ')}.${ended}`);
}
