/** Lists the tickets of a session, or withdraws one. */
import { type Cell, table } from '@skein/protocol/text/table';
import { age } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { goodFor } from './good-for.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const client = await connectNode(call.home, { node });
  const ticket = call.text('withdraw');
  if (ticket !== undefined) {
    const { id } = await client.ask('session', { ref });
    const reply = await client.command(`session/${id}`, 'ticket.withdraw', { ticket });
    return call.json ? printJson(reply) : print(`Nobody can come by ${ticket} any more.`);
  }
  const tickets = await client.ask('tickets', { ref });
  if (call.json) return printJson(tickets);
  if (tickets.length === 0) return print('There are none. Make one: skein share');
  const { dim, bold } = paintFor(call.flag('no-color'));
  const rows: Cell[][] = [
    ['ID', 'ROLE', 'USES LEFT', 'EXPIRES IN', 'HISTORY'].map((text) => ({ text, paint: dim })),
    ...tickets.map((ticket) => [
      { text: ticket.id, paint: bold },
      { text: ticket.role },
      { text: `${ticket.left} of ${ticket.uses}` },
      { text: age(goodFor(ticket, Date.now())) },
      { text: ticket.history },
    ]),
  ];
  print(table(rows));
}
