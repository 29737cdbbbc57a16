/** What the agents of fault tests do at a prompt: turns by name, the same in every protocol. */
import { spawn } from 'node:child_process';
import type { FakeStep } from '@skein/node/drivers/fake.fixture';

/** Words that tell where they stand, so that one that is lost or comes twice is seen. */
const words = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name}${i + 1} `).join('');

export const PLAYS = {
  talk: [
    { do: 'think', text: words('思', 9) },
    ...['a', 'b', 'c', 'd', 'e'].map((name): FakeStep => ({ do: 'say', text: words(name, 7) })),
  ],
  ask: [
    { do: 'say', text: words('before', 5) },
    { do: 'write', call: 'call', path: '/w/a.txt', content: 'AAA', ask: true },
    { do: 'say', text: words('after', 5) },
  ],
  hang: [{ do: 'say', text: words('waiting', 6) }, { do: 'hang' }],
  odd: [{ do: 'strange' }, { do: 'print', line: 'not a message' }, { do: 'say', text: words('👋', 6) }],
} satisfies Record<string, FakeStep[]>;

export type PlayName = keyof typeof PLAYS;
export const PLAY_NAMES = Object.keys(PLAYS) as PlayName[];

/** The prompt that has an agent play this; `tag` makes it like no other. */
export const promptFor = (play: PlayName, tag: string): string => `#${tag}# [[${play}]]`;

/** The tags of the prompts in what was written to an agent, in order. */
export const tagsIn = (written: string): string[] =>
  [...written.matchAll(/#(\w+)# \[\[/g)].map(([, tag]) => tag ?? '');

/** The turn that a line written to an agent asks for. */
export function playIn(line: string): FakeStep[] | undefined {
  const name = /# \[\[(\w+)\]\]/.exec(line)?.[1] ?? '';
  return Object.hasOwn(PLAYS, name) ? PLAYS[name as PlayName] : undefined;
}

/** What such an agent does as a process, by the words it was started with. */
export const STAYS = '--stays';
export const LEAVES_DAEMON = '--leaves-daemon';

/** `--stays`: no signal ends it that can be ignored. `--leaves-daemon`: a program in a session of its own holds what it holds. */
export function oddities(words: readonly string[]): boolean {
  const stays = words.includes(STAYS);
  if (stays) {
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
    setInterval(() => {}, 60_000);
  }
  if (words.includes(LEAVES_DAEMON)) spawn('sleep', ['3600'], { detached: true, stdio: 'inherit' }).unref();
  return stays;
}
