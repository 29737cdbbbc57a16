/** Tells what the node tells of itself. */
import type { Status } from '@skein/protocol/sessions/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { table } from '@skein/protocol/text/table';
import { age } from '@skein/protocol/text/words';
import { connectNode } from '../../connect/node.ts';
import type { Call } from '../../invocation/call.ts';
import { bytesText } from '../../output/bytes-text.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { VERSION } from '../../version.ts';

export async function run(call: Call): Promise<void> {
  const client = await connectNode(call.home);
  const status = await client.ask('status', {});
  if (call.json) return printJson({ ...status, cli: VERSION });
  print(describe(status, paintFor(call.flag('no-color'))));
}

function describe(status: Status, paint: Paint): string {
  const { sessions, hosts, log, queues } = status;
  const line = (name: string, text: string) => [{ text: name, paint: paint.dim }, { text }];
  const hostLines = hosts.map(({ id, pid, version, runs, draining }) =>
    line('host', `${id}, pid ${pid}, version ${version}, ${runs} programs${draining ? ', draining' : ''}`),
  );
  const waiting = queues.mailbox + queues.effects;
  const out = table([
    line('node', `pid ${status.pid}, version ${status.version}, up ${age(status.uptime * 1000)}`),
    line('home', status.home),
    line('sessions', `${sessions.running} running, ${sessions.total} in all`),
    ...hostLines,
    line('log', `${log.events} events, ${bytesText(log.bytes)}`),
    line('queues', waiting === 0 ? 'empty' : `${queues.mailbox} commands, ${queues.effects} effects`),
  ]);
  const notes: string[] = [];
  if (status.version !== VERSION)
    notes.push(
      `The node is ${status.version}, this command ${VERSION}. To bring them together: skein restart`,
    );
  if (log.damaged.length > 0) notes.push(paint.red('The log was damaged. See: skein doctor'));
  return out + notes.map((note) => `${note}\n`).join('');
}
