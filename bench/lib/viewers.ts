/** A program that attaches read-only viewers to a session: some that read, some that are frozen once they look on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Terminal } from './terminal.ts';

const [launcher, session, reading, frozen] = process.argv.slice(2);
if (launcher === undefined || session === undefined)
  throw new Error('viewers.ts <launcher> <session> <reading> <frozen>');

/** Milliseconds for every viewer to have painted its first screen. */
const SETTLE_MS = 1_500;

const viewers: Terminal[] = [];
for (let n = 0; n < Number(reading) + Number(frozen); n++) {
  viewers.push(
    new Terminal(launcher, ['attach', '--read-only', session], { pinning: 'all', env: process.env }),
  );
}
await sleep(SETTLE_MS);
for (const viewer of viewers.slice(Number(reading))) viewer.pause();
process.stdout.write('ready\n');
