/** What must be so of agents that were given turns while their node was killed: each byte came once, and they are who they were. */
import { isDeepStrictEqual } from 'node:util';
import type { AgentRun } from '@skein/protocol/agents/state';
import type { Client } from '@skein/protocol/client/client';
import { LogReader } from '../support/follow-log.ts';
import type { Given, Played, ProtocolName } from '../support/played.ts';
import { PLAY_NAMES, tagsIn } from '../support/plays.ts';
import { lives } from '../support/processes.ts';

/** Each prompt has reached its agent once, in order, and nothing more than would have without a kill. */
export function judgeWritten(played: Played, given: readonly Given[]): string[] {
  return played.protocols.flatMap((protocol) => {
    const own = given.filter((one) => one.protocol === protocol);
    const tags = tagsIn(played.writtenTo(played.agent(protocol).run?.run ?? '')).slice(PLAY_NAMES.length);
    const wanted = own.map(({ tag }) => tag);
    return [
      ...(isDeepStrictEqual(tags, wanted) ? [] : [`${protocol} was given ${tags}, not ${wanted}`]),
      ...(played.typed(protocol) ? judgeKeys(played, protocol, own) : judgeLines(played, protocol, own)),
    ];
  });
}

function judgeLines(played: Played, protocol: ProtocolName, own: readonly Given[]): string[] {
  const lines = played.linesTo(protocol);
  const wanted = played.linesFor(protocol, [...PLAY_NAMES, ...own.map(({ play }) => play)]);
  // ACP's cancel has no id, and is the same each time: their number counts.
  const named = lines.filter((line) => !line.includes('"session/cancel"'));
  const twice = named.filter((line, index) => named.indexOf(line) !== index);
  const broken = lines.filter((line) => !isJson(line));
  return [
    ...(lines.length === wanted ? [] : [`${lines.length} lines came to ${protocol}, not ${wanted}`]),
    ...[...twice, ...broken].map((line) => `came twice to ${protocol}, or broken: ${line}`),
  ];
}

/** Of keys only Enter may come again: it is pressed until it is seen to have been. */
function judgeKeys(played: Played, protocol: ProtocolName, own: readonly Given[]): string[] {
  const keys = played
    .writtenTo(played.agent(protocol).run?.run ?? '')
    .replace(/\x1b\[200~.*?\x1b\[201~/gs, '');
  const escapes = keys.split('\x1b').length - 1;
  const hung = [...PLAY_NAMES, ...own.map(({ play }) => play)].filter((play) => play === 'hang').length;
  const strange = keys.replace(/[\r\x1b]/g, '');
  return [
    ...(escapes === hung ? [] : [`${protocol} was interrupted ${escapes} times, not ${hung}`]),
    ...(strange === '' ? [] : [`typed into ${protocol}, or broken: ${JSON.stringify(strange)}`]),
  ];
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** Every agent is the process that it was. */
export function judgeProcesses(played: Played, began: readonly Partial<AgentRun>[]): string[] {
  return played.all.flatMap(({ run }, index) => {
    const same = run?.run === began[index]?.run && lives({ pid: run?.pid ?? 0, start: run?.start ?? '' });
    return same ? [] : [`an agent is another process: ${JSON.stringify(run)}`];
  });
}

/** What was followed live, across every kill, is what the log holds. */
export async function judgeLog(client: Client, { log }: Played): Promise<string[]> {
  const reader = new LogReader(`session/${log.session}`);
  const events = await reader.catchUp(client);
  await log.until('all is followed', () => log.events.length >= events.length);
  const same = isDeepStrictEqual(log.events.slice(0, events.length), events);
  return [...reader.problems, ...(same ? [] : ['the log is not what was followed'])];
}
