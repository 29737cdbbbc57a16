/** Joins by a ticket; the node does it, so that what is joined is this machine's from then on. */
import { readSync } from 'node:fs';
import { SkeinError } from '@skein/protocol/errors';
import { allows } from '@skein/protocol/members/roles';
import { decodeTicket } from '@skein/protocol/members/ticket';
import { connectNode } from '../../connect/node.ts';
import { readStdin } from '../../connect/stdin.ts';
import { waiting } from '../../connect/waiting.ts';
import type { Call } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { complain, print, printJson, writeAll } from '../../output/write.ts';

/** Bytes of a line that a terminal gives at a time. */
const LINE = 4096;
/** Bytes on stdin: a ticket has far fewer, however it is broken into lines. */
const MOST_PASTED = 1024 * 1024;

export async function run(call: Call): Promise<void> {
  const given = call.needed('ticket');
  const ticket = given === '-' ? await fromStdin() : given;
  const name = call.text('name');
  const client = await connectNode(call.home);
  const asked = client.ask('join', name === undefined ? { ticket } : { ticket, name });
  const joined = await waiting('looking for the node that the ticket names', asked);
  const { role } = decodeTicket(ticket);
  if (!allows(joined.role, role))
    complain(
      `the ticket is for a role of ${role}; who is in already has the role that was given then.`,
      `Its owner can change that: skein role ${joined.ref.split(':')[1]} ${joined.name} ${role}`,
    );
  if (call.json) return printJson(joined);
  print(`You have joined ${joined.ref} as ${joined.name} (${joined.role}).`);
  print(`Attach: skein attach ${joined.ref}`);
}

/** All of it; what is pasted into a terminal only as far as the ticket goes, however many lines that is. */
async function fromStdin(): Promise<string> {
  const typed = isTerminal(0);
  if (typed) writeAll(2, 'Paste the ticket and press Enter:\n');
  const text = typed ? pasted() : (await readStdin(MOST_PASTED)).toString();
  if (text.trim() !== '') return text;
  throw new SkeinError('bad_request', 'No ticket came on stdin.', { see: 'skein join --help' });
}

/** Lines, until there is a ticket, or something that cannot become one, or an empty line. */
function pasted(): string {
  const line = new Uint8Array(LINE);
  for (let text = ''; ; ) {
    const read = Buffer.from(line.subarray(0, readSync(0, line))).toString();
    text += read;
    if (read.trim() === '' || !isCut(text)) return text;
  }
}

function isCut(text: string): boolean {
  try {
    decodeTicket(text);
    return false;
  } catch (error) {
    return SkeinError.from(error).code === 'ticket_cut';
  }
}
