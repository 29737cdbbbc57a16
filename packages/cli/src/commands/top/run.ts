/** Shows what runs everywhere: on the terminal by a program of its own beside this one, else in plain words or JSON. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { SkeinError } from '@skein/protocol/errors';
import { connectNode } from '../../connect/node.ts';
import { type Call, parseDuration } from '../../invocation/call.ts';
import { isTerminal } from '../../output/is-terminal.ts';
import { paintFor } from '../../output/paint.ts';
import { print, printJson } from '../../output/write.ts';
import { SORT_NAMES, type Sort } from '../../top/order.ts';
import { plainJson, plainText } from '../../top/plain.ts';

declare const __SKEIN_BUNDLE__: unknown;
/** What imports a file, given to the bundle (scripts/build/whole-as-text.ts). */
declare const __skeinImport: (file: string) => Promise<typeof import('../../top/top.ts')>;

/** Milliseconds between two looks, and at most; and that one look waits for other nodes. */
const EVERY_MS = 1_000;
const MOST_MS = 24 * 3600 * 1000;
const WAIT_MS = 3_500;
/** Milliseconds for which a lost node is tried again by who follows. */
const RETRY_MS = 60_000;

export async function run(call: Call): Promise<number> {
  const every = parseDuration('every', call.text('every'), MOST_MS) ?? EVERY_MS;
  const [sort, filter] = [sortOf(call.text('sort')), call.text('filter') ?? ''];
  const follow = call.flag('follow');
  if (follow && !call.json)
    throw new SkeinError('bad_request', '--follow prints lines of JSON: skein top --json --follow');
  const client = await connectNode(call.home, { retryFor: follow ? RETRY_MS : 0 });
  if (!call.json && !call.flag('once') && isTerminal(0) && isTerminal(1)) {
    client.close();
    const { top } = await load();
    return top({ home: call.home, noColor: call.flag('no-color'), every, sort, filter });
  }
  const look = () =>
    client.ask('load', { everywhere: true, wait: follow ? Math.min(every, WAIT_MS) : WAIT_MS });
  do {
    const answer = await look();
    if (call.json) printJson(plainJson(answer, sort, filter));
    else print(plainText(answer, sort, filter, paintFor(call.flag('no-color'))));
    if (follow) await sleep(every);
  } while (follow);
  client.close();
  return 0;
}

function sortOf(text: string | undefined): Sort {
  const found = SORT_NAMES.find((name) => name === (text ?? 'state'));
  if (found !== undefined) return found;
  throw new SkeinError('bad_request', `--sort takes ${SORT_NAMES.join(', ')}, not "${text}".`);
}

async function load(): Promise<typeof import('../../top/top.ts')> {
  if (typeof __SKEIN_BUNDLE__ === 'undefined') return await import('../../top/top.ts');
  return await __skeinImport(pathToFileURL(path.join(import.meta.dirname, 'top.mjs')).href);
}
