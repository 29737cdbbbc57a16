/** What there is on the node that runs, for a shell to offer. A node is never started for it, and none is waited for. */
import type { Client } from '@skein/protocol/client/client';
import { allSessions } from '@skein/protocol/client/sessions';
import { connectRunning } from '../connect/node.ts';
import type { Choice, Offered } from './line.ts';
import { isShells, type Meaning, type ShellNames } from './meanings.ts';

type Known = Exclude<Extract<Meaning, string>, ShellNames>;

/** Milliseconds that a person waits for a key's answer. */
const PATIENCE_MS = 1_500;
/** What a shell takes as it is: no other word is put onto a command line by itself. */
const PLAIN = /^[\p{L}\p{N}_.:/@%+,=-]+$/u;

const KINDS: Record<Known, (client: Client) => Promise<Choice[]>> = {
  session: async (client: Client) => [...(await sessions(client)), ...(await joined(client))],
  agent: async (client: Client) => [
    ...(await allSessions(client)).flatMap(({ name, agents = [] }) =>
      agents.map((agent) => ({ word: `${name}/${agent.name}`, summary: agent.doing })),
    ),
    ...(await joined(client)),
  ],
  definition: async (client: Client) =>
    (await client.ask('agents', { cwd: process.cwd(), path: process.env.PATH ?? '' })).map(
      ({ name, title }) => ({ word: name, summary: title ?? 'agent' }),
    ),
  node: async (client: Client) =>
    (await client.ask('nodes', {})).map(({ name, peer, path }) => ({ word: name || peer, summary: path })),
  workspace: async (client: Client) =>
    (await client.ask('workspaces', {})).map(({ name, root }) => ({ word: name, summary: root ?? '' })),
  approval: async (client: Client) =>
    (await client.ask('approvals', {})).approvals.map(({ approval, title, sessionName, agentName }) => ({
      word: approval,
      summary: `${sessionName}/${agentName}: ${title}`,
    })),
  question: async (client: Client) =>
    (await client.ask('inbox', {})).items
      .filter(({ kind }) => kind === 'question')
      .map(({ id, title }) => ({ word: id, summary: title })),
};

/** The words that may stand there, as far as a node tells of them, and what the shell itself is to add. */
export async function named(
  home: string,
  typed: string,
  { choices, meanings, prefix }: Offered,
): Promise<{ choices: Choice[]; shell: ShellNames[] }> {
  const known: Known[] = [];
  const shell: ShellNames[] = [];
  const found: Choice[] = [];
  for (const meaning of meanings) {
    if (typeof meaning !== 'string') found.push(...meaning.map((word) => ({ word, summary: '' })));
    else if (isShells(meaning)) shell.push(meaning);
    else known.push(meaning);
  }
  if (known.length > 0) found.push(...(await within(PATIENCE_MS, ask(home, known))));
  const fitting = found
    .map(({ word, summary }) => ({ word: `${prefix}${word}`, summary }))
    .filter(({ word }) => word.startsWith(typed) && PLAIN.test(word));
  return { choices: [...choices, ...fitting], shell };
}

async function ask(home: string, known: readonly Known[]): Promise<Choice[]> {
  const client = await connectRunning(home, { retryFor: 0 });
  try {
    return (await Promise.all(known.map((kind) => KINDS[kind](client)))).flat();
  } finally {
    client.close();
  }
}

/** Nothing where there is no node, or it is busy: somebody waits with a finger on a key. */
async function within(ms: number, found: Promise<Choice[]>): Promise<Choice[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Choice[]>((resolve) => {
    timer = setTimeout(() => resolve([]), ms);
  });
  try {
    return await Promise.race([found.catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function sessions(client: Client): Promise<Choice[]> {
  return (await allSessions(client)).map(({ name, state }) => ({ word: name, summary: state }));
}

/** As far as it is known here: no other node is asked. */
async function joined(client: Client): Promise<Choice[]> {
  return (await client.ask('nodes', {})).flatMap(({ name: node, sessions: away }) =>
    away.map(({ name, role }) => ({ word: `${node}:${name}`, summary: role })),
  );
}
