/** Sessions for tests: opened on real programs, and looked at. */
import type { Client } from '@skein/protocol/client/client';
import { newId } from '@skein/protocol/ids';
import type { SessionAnswer } from '@skein/protocol/sessions/asks';

/** A program that prints 0, 1, 2 … a line each, `pause` seconds apart, and never ends by itself. */
export function counting(pause: number): string[] {
  return ['perl', '-e', `$|=1; for ($i=0;;$i++) { print "$i\\n"; select undef,undef,undef,${pause} }`];
}

/** A program that does nothing until it is killed; HUP does not end it. */
export const STUBBORN = ['perl', '-e', '$SIG{HUP}="IGNORE"; sleep 3600 while 1'];

export interface Opened {
  id: string;
  run: string;
  name: string;
  host: string;
  pid: number;
  start: string;
}

/** Creates a session and waits until its program runs. */
export async function openSession(
  client: Client,
  argv: string[],
  { name, cols = 80, rows = 24 }: { name?: string; cols?: number; rows?: number } = {},
): Promise<Opened> {
  const ids = { id: newId(), run: newId() };
  const { handle } = await client.ask('env', {
    vars: { PATH: process.env.PATH ?? '/usr/bin:/bin', TERM: 'xterm-256color' },
  });
  const named = name === undefined ? {} : { name };
  await client.command('node', 'session.create', {
    ...ids,
    ...named,
    argv,
    cwd: '/tmp',
    cols,
    rows,
    env: handle,
  });
  const state = await client.ask('started', { ref: ids.id });
  return openedOf(state);
}

export function openedOf(state: SessionAnswer): Opened {
  const { run } = state;
  if (run?.state !== 'running' || run.pid === undefined)
    throw new Error(`the program did not start: ${JSON.stringify(run)}`);
  return {
    id: state.id,
    run: run.run,
    name: state.name,
    host: run.host ?? '',
    pid: run.pid,
    start: run.start ?? '',
  };
}

/** Counts as `counting` does, and writes every byte that is typed into a file; the terminal does not echo it. */
export function countingTypist(pause: number, file: string): string[] {
  const script = `system("stty -echo -icanon"); $|=1; open F, ">", $ARGV[0]; $due=time;
    for ($i=0;;) {
      $now=time; if ($now >= $due) { print "$i\\n"; $i++; $due=$now+${pause} }
      $r=""; vec($r,0,1)=1; next unless select($r,undef,undef,${pause}/2);
      exit unless sysread STDIN, $b, 65536; syswrite F, $b;
    }`;
  return ['perl', '-MTime::HiRes=time', '-e', script, file];
}
