/** Follows a landing to its end, and tells on a terminal how far it has come. */

import { readEvents } from '@skein/client/events';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { visible } from '@skein/protocol/text/words';
import type { WorkspaceEvents } from '@skein/protocol/workspaces/events';
import { fitted } from '../../chat/model/width.ts';
import { complain } from '../../output/write.ts';

export type Landing = WorkspaceEvents['landing.changed'];

const CLEAR = '\r\x1b[K';
/** Lines of what a check printed that are told when it fails. */
const TOLD_LINES = 40;

/** Resolves when it has landed, or is undone; throws `landing_stopped` when it is not. Ctrl-C cancels it. */
export async function followLanding(
  client: Client,
  base: string,
  { landing, offset }: { landing: string; offset: number },
): Promise<Landing> {
  const stream = `workspace/${base}`;
  const cancel = () => void client.command(stream, 'landing.cancel', { landing }).catch(() => {});
  process.on('SIGINT', cancel);
  let undoing = false;
  try {
    for await (const event of readEvents(client, { stream, after: offset, follow: true, whole: true })) {
      if (event.type !== 'landing.changed') continue;
      const now = event.body as Landing;
      if (now.landing !== landing) continue;
      progress(now);
      undoing ||= now.step === 'undo';
      if (now.state === 'waiting' || now.state === 'running') continue;
      if (now.state === (undoing ? 'undone' : 'landed')) return now;
      throw stopped(now);
    }
  } finally {
    process.off('SIGINT', cancel);
    if (process.stderr.isTTY) process.stderr.write(CLEAR);
  }
  throw new SkeinError('gone', 'Nothing more is told of that landing.');
}

function stopped({ landing, message, paths, output }: Landing): SkeinError {
  const lines = output.trimEnd().split('\n');
  const told = lines.slice(-TOLD_LINES).map(visible).join('\n');
  if (output !== '') complain(lines.length > TOLD_LINES ? `…\n${told}` : `\n${told}`);
  return new SkeinError('landing_stopped', message ?? 'It has stopped.', { landing, paths, output });
}

function progress(now: Landing): void {
  if (!process.stderr.isTTY) return;
  const width = Math.max(20, process.stderr.columns - 1);
  process.stderr.write(CLEAR + fitted(visible(stepText(now)), width));
}

function stepText({ state, step, message, onto, how, check }: Landing): string {
  if (state === 'waiting') return message ?? 'it waits';
  const doing = {
    commit: 'committing what is not committed…',
    bring: how === 'merge' ? `merging into ${onto}…` : `rebasing onto ${onto}…`,
    check: `checking: ${check?.command ?? ''}…`,
    move: `moving ${onto}…`,
    undo: `taking it back from ${onto}…`,
  };
  return state === 'running' && step !== null ? doing[step] : '';
}
