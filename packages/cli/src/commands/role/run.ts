/** Gives a member another role. */
import { SkeinError } from '@skein/protocol/errors';
import { ROLES } from '@skein/protocol/members/roles';
import type { MemberReplies } from '@skein/protocol/sessions/commands';
import { memberNamed } from '../../connect/member-named.ts';
import { connectNode } from '../../connect/node.ts';
import { placeOf } from '../../connect/place.ts';
import type { Call } from '../../invocation/call.ts';
import { print, printJson } from '../../output/write.ts';

export async function run(call: Call): Promise<void> {
  const { node, ref } = placeOf(call.needed('session'));
  const role = ROLES.find((one) => one === call.needed('role'));
  if (role === undefined)
    throw new SkeinError(
      'bad_request',
      `A role is one of ${ROLES.join(', ')}, not "${call.needed('role')}".`,
    );
  const client = await connectNode(call.home, { node });
  const { id: session } = await client.ask('session', { ref });
  const { id: member, name } = await memberNamed(client, ref, call.needed('member'));
  const reply = (await client.command(`session/${session}`, 'member.role', {
    member,
    role,
  })) as MemberReplies['member.role'];
  if (call.json) return printJson(reply);
  print(`${name} is ${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role} now.`);
}
