/**
 * Draws the README's pictures from real runs: `node scripts/picture.ts` plays `npm start` in a terminal, and a chat with
 * agents, and writes what they showed as docs/start.svg and docs/chat.svg. With a name, that one alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PtyScreen } from '../test/support/pty-screen.ts';
import { playChat } from './picture/chat.ts';
import { drawScreen } from './picture/draw.ts';
import { skein } from './start/skein.ts';

const COLS = 100;
const PICTURES: Record<string, (home: string) => Promise<{ shown: PtyScreen; label: string }>> = {
  async start() {
    const env = { ...process.env, PS1: '$ ', SHELL: '/bin/sh' };
    const shown = new PtyScreen(process.execPath, [join(import.meta.dirname, 'start.ts')], env, COLS, 60);
    const { exitCode } = await shown.end(120_000);
    if (exitCode !== 0) throw new Error(`npm start ended with ${exitCode}`);
    return { shown, label: 'npm start' };
  },
  async chat(home) {
    return { shown: await playChat(home, COLS, 34), label: 'skein chat, with two agents, one of which asks' };
  },
};

const [wanted] = process.argv.slice(2);
for (const [name, play] of Object.entries(PICTURES)) {
  if (wanted !== undefined && wanted !== name) continue;
  const home = mkdtempSync(join(tmpdir(), 'sk-'));
  process.env.SKEIN_HOME = home;
  try {
    const { shown, label } = await play(home);
    writeFileSync(join(import.meta.dirname, `../docs/${name}.svg`), drawScreen(shown.screen, label));
    shown.destroy();
  } finally {
    skein('down', '--kill');
    rmSync(home, { recursive: true, force: true });
  }
}
