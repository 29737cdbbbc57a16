/** Shuts out a member, or one device of theirs. */
import type { MemberReplies } from '@skein/protocol/sessions/commands';
import { deviceNamed, memberNamed } from '../../connect/member-named.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const client = await connectNode(call.home, { node });
  const { id: session } = await client.ask('session', { ref });
  const found = await memberNamed(client, ref, call.needed('member'));
  const { id: member, name } = found;
  const wanted = call.text('device');
  const device = wanted === undefined ? undefined : deviceNamed(found, wanted);
  const body = device === undefined ? { member } : { member, device: device.id };
  const reply = (await client.command(
    `session/${session}`,
    'member.revoke',
    body,
  )) as MemberReplies['member.revoke'];
  if (call.json) return printJson(reply);
  print(device === undefined ? `${name} is shut out.` : `${name}'s device "${device.name}" is shut out.`);
  print('That is for good: no ticket lets a device in again that was shut out, only another device.');
}
