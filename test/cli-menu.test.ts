/** `skein` alone: its menu stays whole whatever sessions are called, and leaves no trace (rule K5). */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { needs } from './support/needs.ts';
import { kill, until, withEnvironment } from './support/processes.ts';
import { Tmux } from './support/tmux.ts';

let skein: Skein;
let tmux: Tmux;
let terminal = '';
let count = 0;

beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
  for (const name of ['one', '名'.repeat(30), 'ｗｉｄｅ']) skein.run('run', '-d', '-n', name, '--', 'cat');
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
});
beforeEach(() => {
  terminal = `m${++count}`;
});

/** The menu in a shell of this width. */
async function menu(columns: number): Promise<string> {
  await tmux.shell(terminal, columns, 20);
  tmux.enter(terminal, `menu() { ${skein.command}; }; clear; echo above`);
  await tmux.until(terminal, 'a prompt', (text) => text === 'above\nuser:');
  tmux.enter(terminal, 'menu');
  return tmux.until(terminal, 'the menu', (text) => text.includes('3 ') && text.includes('↑↓'));
}

/** What the terminal shows once the menu is gone. */
const CLEAN = 'above\nuser: menu\nuser:';

needs('tmux')('the menu', () => {
  test('[K5] has one row a session, however wide its name is', async () => {
    expect((await menu(60)).split('\n')).toHaveLength(7);
    tmux.keys(terminal, 'Down');
    tmux.keys(terminal, 'Down');
    tmux.keys(terminal, 'q');
    await tmux.until(terminal, 'the prompt', (text) => text === CLEAN);
  });

  test('[K5] stays for the keys that move by pages', async () => {
    await menu(60);
    tmux.keys(terminal, 'End', 'PageUp', 'Down', 'Enter');
    await until('the second is attached', () => {
      const sessions = skein.json<{ attached: number }[]>('ls');
      return sessions.map(({ attached }) => attached).join() === '0,1,0';
    });
    tmux.keys(terminal, 'C-\\', 'd');
    await tmux.until(terminal, 'that it is left', (text) => text.includes('[detached from'));
  });

  test('[K5] finds what is typed after a slash, and attaches it', async () => {
    await menu(60);
    tmux.type(terminal, '/ON');
    await tmux.until(terminal, 'the one', (text) => /^1 \w+ +one /m.test(text) && !text.includes('名'));
    tmux.keys(terminal, 'Enter');
    await until('it is attached', () => {
      const sessions = skein.json<{ attached: number }[]>('ls');
      return sessions.map(({ attached }) => attached).join() === '1,0,0';
    });
    tmux.keys(terminal, 'C-\\', 'd');
    await tmux.until(terminal, 'that it is left', (text) => text.includes('[detached from one]'));
  });

  test('[K5] is left by Escape', async () => {
    await menu(60);
    tmux.keys(terminal, 'Escape');
    await tmux.until(terminal, 'the prompt', (text) => text === CLEAN);
  });

  test('[K5] is drawn anew when its terminal is resized, and leaves nothing behind', async () => {
    await menu(70);
    tmux.resize(terminal, 35, 20);
    const narrower = (text: string) =>
      text.endsWith('…') && text.split('↑↓').length + text.split('NAME').length === 4;
    await tmux.until(terminal, 'the same, narrower', narrower);
    tmux.resize(terminal, 120, 20);
    await tmux.until(terminal, 'all of it', (text) => text.endsWith('q leaves'));
    tmux.keys(terminal, 'q');
    await tmux.until(terminal, 'the prompt', (text) => /^(above\nuser: menu\n)?user:$/.test(text));
  });

  test.each(['TERM', 'INT', 'HUP'])('[K5] gives the cursor back at SIG%s', async (signal) => {
    await menu(80);
    const clients = withEnvironment('SKEIN_HOME', skein.home).filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').endsWith(`${skein.bundle}\0`),
    );
    for (const pid of clients) kill(pid, `SIG${signal}` as NodeJS.Signals);
    const prompt = /^above\nuser: menu\n\w*\s*user:$/;
    await tmux.until(terminal, 'the prompt', (text) => prompt.test(text));
    expect(tmux.modes(terminal)).toContain('cursor=1');
  });

  test('[K5] help has whole words in a small terminal', async () => {
    await tmux.shell(terminal, 40, 50);
    tmux.enter(terminal, `clear; ${skein.command} ls --help; echo over`);
    const text = await tmux.until(terminal, 'its end', (now) => /^over$/m.test(now));
    expect(text).toMatch(/^ {17}program runs$/m);
    expect(text).toMatch(/^ {17}and nothing else$/m);
  });
});
