/** A waiting prompt in the user's own editor. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEvents } from '@skein/client/events';
import type { AgentLifeEvents } from '@skein/protocol/agents/life-events';
import type { QueuedPrompt } from '@skein/protocol/agents/state';
import { SkeinError } from '@skein/protocol/errors';
import { type FoundAgent, streamOf } from '../../agents/open.ts';
import { hasTerminal } from '../../attach/user-terminal.ts';

/** What it says after it was edited; throws when there is no terminal for that, or the editor fails. */
export async function edited(found: FoundAgent, prompt: QueuedPrompt): Promise<string> {
  const editor = process.env.VISUAL || process.env.EDITOR;
  if (!hasTerminal() || !editor)
    throw new SkeinError(
      'bad_request',
      'Say what it is to say instead, or set EDITOR to change it in a terminal.',
      {
        see: 'skein queue --help',
      },
    );
  if (prompt.kinds.some((kind) => kind !== 'text'))
    throw new SkeinError(
      'bad_request',
      'It has files or images, which an editor would lose. Give the text instead.',
    );
  const directory = mkdtempSync(path.join(tmpdir(), 'skein-prompt-'));
  try {
    const file = path.join(directory, 'prompt.md');
    writeFileSync(file, await textOf(found, prompt), { mode: 0o600 });
    if (!(await edits(editor, file)))
      throw new SkeinError('bad_request', `${editor} failed, and nothing was changed.`);
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs the editor, while the node goes on being answered (rule C4): whether it ended well. Ctrl-C is the editor's own. */
async function edits(editor: string, file: string): Promise<boolean> {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  try {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    return await new Promise((resolve) => {
      child.on('error', () => resolve(false));
      child.on('exit', (status) => resolve(status === 0));
    });
  } finally {
    process.off('SIGINT', ignore);
  }
}

async function textOf({ client, session }: FoundAgent, { offset }: QueuedPrompt): Promise<string> {
  const stream = streamOf(session);
  for await (const { body } of readEvents(client, {
    stream,
    after: offset - 1,
    follow: false,
    whole: true,
  })) {
    const { parts } = body as AgentLifeEvents['prompt.queued'];
    return parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n\n');
  }
  return '';
}
