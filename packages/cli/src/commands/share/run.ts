/** Makes a ticket for a session: of this machine, or of another on which this user is an owner. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_TICKET_MS, MAX_TICKET_USES } from '@skein/protocol/limits';
import { ROLES, type Role } from '@skein/protocol/members/roles';
import { encodeTicket, hashSecret, newSecret } from '@skein/protocol/members/ticket';
import type { Meeting } from '@skein/protocol/peers/asks';
import type { MemberReplies } from '@skein/protocol/sessions/commands';
import { alone, RELAY_MS, type Warning } from '../../connect/found-by.ts';
import { memberNamed } from '../../connect/member-named.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import { relaysOf } from '../../connect/relays.ts';
import { waiting } from '../../connect/waiting.ts';
import { type Call, oneOf, parseDuration } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { complain, print, printJson } from '../../output/write.ts';

const HOUR_MS = 3_600_000;

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const role = oneOf('role', call.text('role') ?? 'viewer', ROLES);
  const history = oneOf('history', call.text('history') ?? 'from-join', ['from-join', 'all'] as const);
  const lifetime = parseDuration('expires', call.text('expires'), MAX_TICKET_MS) ?? HOUR_MS;
  const uses = call.integer('uses', MAX_TICKET_USES, 1) ?? 1;
  const relays = relaysOf(call, 'relay');
  const client = await connectNode(call.home, { node });
  if (node !== undefined && relays.length > 0)
    throw new SkeinError('bad_request', 'Which relays another node is found at is for its own user to say.');
  const { id } = await client.ask('session', { ref });
  const named = call.text('member');
  const member = named === undefined ? undefined : (await memberNamed(client, ref, named)).id;
  if (node === undefined) await turnOn(client, relays);
  const secret = newSecret();
  // First what may be refused: nobody waits for relays in vain.
  const made = (await client.command(`session/${id}`, 'ticket.make', {
    ...{ ticket: newId(), hash: await hashSecret(secret), role, lifetime, uses, history },
    ...(member === undefined ? {} : { member }),
  })) as MemberReplies['ticket.make'];
  const meeting = await waiting('waiting for relays', client.ask('meeting', { ref: id, wait: RELAY_MS }));
  let ticket: string;
  try {
    ticket = encodeTicket({
      ...{ peer: meeting.peer, relays: meeting.relays, addrs: meeting.addrs, session: meeting.session },
      ...{ secret, role: made.role, expires: Math.ceil(made.expires / 1000), history: made.history },
      ...{ node: meeting.node, name: meeting.name },
    });
  } catch (error) {
    // As with relays whose addresses do not fit: nobody is given it.
    await client.command(`session/${id}`, 'ticket.withdraw', { ticket: made.ticket });
    throw error;
  }
  const warnings = node === undefined ? await warningsOf(client, meeting) : [];
  for (const { message, advice } of warnings) complain(message, advice);
  const { session, name, expires } = made;
  if (call.json)
    return printJson({
      ...{ ticket, role: made.role, expires, session, name, uses: made.uses, history: made.history },
      ...{ relays: meeting.relays, addrs: meeting.addrs, warnings },
    });
  await show(ticket, made, lifetime);
}

/** Whoever shares wants to be found; not who meant something that is not there. */
async function turnOn(client: Client, add: string[]): Promise<void> {
  await client.command('peers', 'mesh.configure', add.length === 0 ? { on: true } : { on: true, add });
}

/** What will keep the ticket from being of use elsewhere. */
async function warningsOf(client: Client, { relays, addrs }: Meeting): Promise<Warning[]> {
  const mesh = await client.ask('mesh', {});
  const missing = mesh.relays.filter(({ state }) => state !== 'registered');
  const warnings = missing.map(({ url, error }) => ({
    message: `not registered at ${url} yet${error === undefined ? '.' : `: ${error}`}`,
    advice: `Until then nobody meets you there. To give it up: skein mesh --no-relay ${url}`,
  }));
  const here = alone('this ticket', { relays, addrs });
  if (here !== undefined) warnings.push(here);
  return warnings;
}

async function show(
  ticket: string,
  { role, uses, name }: MemberReplies['ticket.make'],
  ms: number,
): Promise<void> {
  if (!isTerminal(1)) return print(ticket);
  const { renderUnicodeCompact } = await import('uqr');
  const devices = uses === 1 ? 'one device' : `${uses} devices`;
  // In capitals it is of the kind that takes the least room; a ticket is read either way.
  const code = renderUnicodeCompact(ticket.toUpperCase(), { ecc: 'L', border: 1 });
  const [first = ''] = code.split('\n');
  if (first.length <= process.stdout.columns) print(`${code}\n`);
  print(
    `For ${devices} to join "${name}" as ${articled(role)}, within ${spell(ms)}.\nOn the other machine:\n`,
  );
  print(`  skein join ${ticket}\n`);
}

const articled = (role: Role) => `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`;

function spell(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'days'],
    [3_600_000, 'hours'],
    [60_000, 'minutes'],
  ];
  for (const [unit, word] of units) if (ms >= 2 * unit) return `${Math.round(ms / unit)} ${word}`;
  return ms >= 60_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`;
}
