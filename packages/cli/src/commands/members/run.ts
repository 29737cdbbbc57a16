/** Shows who is admitted to a session, by which devices, and who is there. */
import { SkeinError } from '@skein/protocol/errors';
import type { Attached } from '@skein/protocol/sessions/asks';
import { type Cell, table } from '@skein/protocol/text/table';
import { age, visible } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { attachedIn } from './there.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const client = await connectNode(call.home, { node });
  const members = await client.ask('members', { ref });
  if (!Array.isArray(members))
    throw new SkeinError('bad_frame', 'What that node answers makes no sense: it may be of another version.');
  if (call.json) return printJson(members);
  const attached = attachedIn(await client.ask('session', { ref }));
  const now = attached.length === 0 ? '' : `\nAttached now: ${attached.map(onlooker).join(', ')}`;
  if (members.length === 0)
    return print(`Nobody but its own user is admitted. Invite somebody: skein share${now}`);
  const paint = paintFor(call.flag('no-color'));
  const rows: Cell[][] = [
    ['MEMBER', 'ROLE', 'DEVICE', 'SEEN', 'PATH', 'ATTACHED'].map((text) => ({ text, paint: paint.dim })),
  ];
  for (const { name, devices } of members)
    for (const [i, device] of devices.entries())
      rows.push([
        { text: i === 0 ? visible(name) : '', paint: paint.bold },
        { text: visible(device.role) },
        { text: visible(device.name) },
        device.connected
          ? { text: 'now', paint: paint.green }
          : { text: `${age(Date.now() - device.seen)} ago`, paint: paint.dim },
        { text: visible(device.path ?? '-') },
        { text: device.attached === 0 ? '-' : String(device.attached) },
      ]);
  print(`${table(rows).trimEnd()}${now}`);
}

/** `alice (laptop, types)`; whoever sits at the machine itself has no name there. */
function onlooker({ who, deviceName, count, typing }: Attached): string {
  const name = who.kind === 'member' ? visible(who.name) : 'its own user';
  const about = [
    ...(deviceName === undefined ? [] : [visible(deviceName)]),
    ...(count > 1 ? [`${count} terminals`] : []),
    ...(typing ? ['typed last'] : []),
  ];
  return about.length === 0 ? name : `${name} (${about.join(', ')})`;
}
