/** Waits until a claim is had: says who has it meanwhile, and withdraws when whoever waits goes. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { age, visible } from '@skein/protocol/text/words';
import type { ListedClaim } from '@skein/protocol/workspaces/asks';
import { endBy } from '../output/end-by.ts';
import { complain } from '../output/write.ts';
import { globsText } from './claims-text.ts';

/** Milliseconds that one question stands; on a terminal, between two looks at who holds it. */
const STANDS_MS = { quiet: 20_000, shown: 3_000 };
const CLEAR = '\r\x1b[K';
const GOING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Awaited {
  workspace: string;
  claim: string;
  globs: string[];
  /** Takes it back. */
  withdraw(): Promise<unknown>;
}

/** Throws `gone` when it is not to be had any more, and never returns when the process was told to end. */
export async function awaitClaim(client: Client, wanted: Awaited): Promise<ListedClaim> {
  const { workspace, claim } = wanted;
  const shows = process.stderr.isTTY;
  const began = Date.now();
  let told = false;
  const going = (signal: NodeJS.Signals) => {
    if (shows) process.stderr.write(CLEAR);
    const end = () => endBy(signal);
    setTimeout(end, 2_000);
    void wanted.withdraw().then(end, end);
  };
  for (const signal of GOING) process.on(signal, going);
  try {
    for (;;) {
      const line = await doing(client, wanted);
      if (shows) process.stderr.write(`${CLEAR}${line} (${age(Date.now() - began)})`.slice(0, 200));
      else if (!told) complain(line);
      told = true;
      const wait = shows ? STANDS_MS.shown : STANDS_MS.quiet;
      const now = await client.ask('awaited', { workspace, claim, wait });
      if (now === null)
        throw new SkeinError('gone', 'It is waited for no more: it was withdrawn, or its run ended.');
      if (now.fence !== null) return now;
    }
  } finally {
    if (shows) process.stderr.write(CLEAR);
    for (const signal of GOING) process.off(signal, going);
  }
}

/** `src/x: waiting for api/codex, who holds it`. */
async function doing(client: Client, { workspace, claim, globs }: Awaited): Promise<string> {
  const { claims } = await client.ask('claims', { workspace, within: globs });
  const own = claims.find((one) => one.claim === claim);
  const mine = JSON.stringify(own?.holder);
  const others = claims.filter((one) => JSON.stringify(one.holder) !== mine && one.fence !== null);
  const names = [...new Set(others.map(({ holder }) => visible(holder.name)))];
  const who =
    names.length === 0
      ? 'what is being written'
      : names.slice(0, 3).join(', ') + (names.length > 3 ? ' …' : '');
  const ahead = own === undefined || own.before === 0 ? '' : `, and ${own.before} who came before`;
  return `${globsText(globs)}: waiting for ${who}${ahead}`;
}
