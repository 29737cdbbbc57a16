/** Joins by a ticket; the node does it, so that what is joined is this machine's from then on. */
import { readFileSync } from 'node:fs';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const given = call.needed('ticket');
  const ticket = given === '-' ? readFileSync(0, 'utf8') : given;
  const name = call.text('name');
  const client = await connectNode(call.home);
  const joined = await client.ask('join', name === undefined ? { ticket } : { ticket, name });
  if (call.json) return printJson(joined);
  print(`You have joined ${joined.ref} as ${joined.name} (${joined.role}).`);
  print(`Attach: skein attach ${joined.ref}`);
}
