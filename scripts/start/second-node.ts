/** The demonstration's second part: another node on this machine joins the session through a relay, and has it all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { say, show } from './say.ts';
import { fail, type Json, SKEIN, skein, skeinJson, skeinWith } from './skein.ts';

interface MeshSettings {
  on: boolean;
  listen: string[];
}

/** Shares a session, joins it from a node of its own, and leaves everything as it was. */
export async function secondNode(session: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'skein-b-'));
  const settings = skeinJson<MeshSettings>('mesh');
  const relay = await startRelay(home);
  try {
    await joinAndCompare(session, home, relay.url);
  } finally {
    skein('down', '--kill', '--home', home);
    leave(session, settings, relay.url);
    relay.process.kill();
    await once(relay.process, 'exit');
    rmSync(home, { recursive: true, force: true });
  }
}

async function joinAndCompare(session: string, home: string, url: string): Promise<void> {
  await say('A second node joins it through a relay');
  show(`relay ${url.replace(/#.*/, '')}, which can read nothing of what passes`);
  // Both listen nowhere: nodes of one machine would otherwise find the direct path at once.
  skein('mesh', '--listen', 'none');
  skein('mesh', '--listen', 'none', '--home', home);
  const options = ['--role', 'operator', '--history', 'all', '--relay', url];
  const { ticket } = skeinJson<{ ticket: string }>('share', session, ...options);
  show(`$ skein share ${session} --role operator --relay …`, `${ticket.slice(0, 60)}…`);
  const joined = JSON.parse(skeinWith(ticket, 'join', '-', '--json', '--home', home)) as Json;
  const ref = String(joined.ref);
  const [node] = skeinJson<Json[]>('nodes', '--home', home);
  if (node?.path !== 'relayed') fail(`The second node came by another path: ${JSON.stringify(node)}.`);
  show(`$ skein join …`, `joined ${ref} as ${joined.role}, ${node.path}`);

  await say('There it replays the session from offset 0');
  const word = `typed-elsewhere-${process.pid}`;
  skein('send', ref, `echo ${word}`, '--enter', '--home', home);
  waitFor(`${word}\r\n`, () => skein('output', session));
  const [ours, theirs] = [skeinJson<Json[]>('events', session), events(ref, home)];
  let withheld = 0;
  for (const [i, event] of theirs.entries()) {
    if (event.type === 'withheld') withheld++;
    else if (JSON.stringify(event) !== JSON.stringify(ours[i])) fail(`Event ${i + 1} differs there.`);
  }
  if (theirs.length < ours.length) fail('Events are missing there.');
  if (skein('output', ref, '--home', home) !== skein('output', session)) fail('The output differs there.');
  const hidden = withheld === 0 ? '' : `, ${withheld} of them withheld (the invitation)`;
  show(`${theirs.length} events${hidden}; the output is the same to the byte`);
  show(...skein('screen', ref, '--home', home).trimEnd().split('\n').slice(-2));
}

function events(ref: string, home: string): Json[] {
  return JSON.parse(skein('events', ref, '--json', '--home', home)) as Json[];
}

/** Nobody who came for the demonstration stays a member, and the node meets others as little as before. */
function leave(session: string, { on, listen }: MeshSettings, url: string): void {
  for (const { id } of skeinJson<{ id: string }[]>('members', session)) skein('revoke', session, id);
  for (const { id } of skeinJson<{ id: string }[]>('tickets', session))
    skein('tickets', session, '--withdraw', id);
  const places = (listen.length > 0 ? listen : ['default']).flatMap((place) => ['--listen', place]);
  skein('mesh', '--no-relay', url, ...places);
  if (!on) skein('mesh', '--off');
}

async function startRelay(dir: string): Promise<{ url: string; process: ChildProcess }> {
  const words = ['relay', 'serve', '--port', '0', '--key', join(dir, 'relay.key'), '--json'];
  const relay = spawn(SKEIN[0], [...SKEIN.slice(1), ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: relay.stdout })) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url !== undefined) return { url, process: relay };
  }
  return fail('The relay did not start.');
}

function waitFor(text: string, look: () => string): void {
  const deadline = Date.now() + 15_000;
  while (!look().includes(text))
    if (Date.now() > deadline) fail(`${text.trim()} did not appear within 15 s.`);
}
