/**
 * Real programs in a session, seen through `skein attach` in a real terminal (tmux): the screen is the one that the
 * program drew, attached, detached, and attached again at another size (rules H5, H6, H7).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { needs } from './support/needs.ts';
import { until } from './support/processes.ts';
import { Tmux, trimmed } from './support/tmux.ts';

let skein: Skein;
let tmux: Tmux;
let files: string;

beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
  files = mkdtempSync(join(tmpdir(), 'sk-files-'));
  writeFileSync(
    join(files, 'lines.txt'),
    Array.from({ length: 300 }, (_, i) => `line ${i + 1} of a file\n`).join(''),
  );
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
  rmSync(files, { recursive: true, force: true });
});

/** What Skein's own emulator holds. */
function emulated(session: string): string {
  return trimmed(skein.run('screen', session, '--text'));
}

/** Attaches in a new terminal of this size. */
function attach(session: string, terminal: string, cols: number, rows: number): void {
  tmux.open(terminal, `${skein.command} attach ${session}`, cols, rows);
}

async function detach(terminal: string): Promise<void> {
  tmux.keys(terminal, 'C-\\', 'd');
  await tmux.until(terminal, 'the message of the detach', (text) => text.includes('detached'));
  expect(tmux.modes(terminal)).toContain('alternate=0 mouse=000 sgr=0');
  tmux.close(terminal);
}

/** The user's terminal shows what the emulator holds. */
async function same(session: string, terminal: string): Promise<void> {
  let held = '';
  const wanted = (text: string) => {
    held = emulated(session);
    return text === held;
  };
  await tmux.until(terminal, 'what the emulator holds', wanted).catch((error: Error) => {
    throw new Error(`${error.message}\n\nThe emulator:\n${held}`);
  });
}

needs('tmux', 'vim')('vim', () => {
  test('[H5] [H6] is drawn the same attached, detached, and attached at another size', async () => {
    skein.run(
      'run',
      '-d',
      '--name',
      'vim',
      '--size',
      '80x24',
      '--',
      'vim',
      '-u',
      'NONE',
      '-N',
      join(files, 'lines.txt'),
    );
    attach('vim', 'vim-a', 80, 24);
    await tmux.until('vim-a', 'the file', (text) => text.includes('line 23 of a file'));
    await same('vim', 'vim-a');
    tmux.type('vim-a', ':set number mouse=a\r');
    tmux.type('vim-a', 'Gonew ünïcödé 漢字 line');
    tmux.keys('vim-a', 'Escape');
    // Its cursor goes back by one when it has had the escape key.
    await tmux.until(
      'vim-a',
      'the new line',
      (text) => text.includes('301 new ünïcödé 漢字 line') && !text.includes('-- INSERT --'),
    );
    await same('vim', 'vim-a');
    const modes = tmux.modes('vim-a');
    await detach('vim-a');
    // Another terminal of the same size is painted alike, mouse and cursor and all.
    attach('vim', 'vim-b', 80, 24);
    await same('vim', 'vim-b');
    expect(tmux.modes('vim-b')).toBe(modes);
    await detach('vim-b');
    // One of another size, once it types, has the program draw for it.
    attach('vim', 'vim-c', 100, 30);
    tmux.keys('vim-c', 'g', 'g');
    await tmux.until('vim-c', '29 lines', (text) => text.includes('29 line 29 of a file'));
    await same('vim', 'vim-c');
    await detach('vim-c');
    skein.run('kill', 'vim');
  });
});

needs('tmux')('a shell', () => {
  test('[H5] [H6] is shown as the emulator has it once its terminal grew, with nothing that was there before it', async () => {
    skein.run('run', '-d', '--name', 'grows', '--size', '80x5', '--', 'sh');
    await tmux.shell('grows', 80, 5);
    tmux.enter('grows', 'for i in 1 2 3 4 5 6 7 8 9; do echo mine $i; done');
    tmux.enter('grows', `${skein.command} attach grows`);
    await same('grows', 'grows');
    for (const rows of [24, 3, 30, 12]) {
      tmux.resize('grows', 80, rows);
      await until('its new size', () => skein.json<{ rows: number }>('screen', 'grows').rows === rows);
      await same('grows', 'grows');
    }
    // What was the user's own is above, once.
    expect(tmux.text('grows')).not.toContain('mine');
    const mine = tmux.all('grows').match(/^mine \d$/gm);
    expect(mine).toEqual(Array.from({ length: 9 }, (_, i) => `mine ${i + 1}`));
    await detach('grows');
    skein.run('kill', 'grows');
  });
});

needs('tmux', 'less')('less', () => {
  test('[H5] leaves the screen beneath as it was', async () => {
    skein.run('run', '-d', '--name', 'less', '--size', '80x24', '--', 'sh');
    attach('less', 'less-a', 80, 24);
    await same('less', 'less-a');
    tmux.type('less-a', `echo before; less ${join(files, 'lines.txt')}\r`);
    await tmux.until('less-a', 'the file', (text) => text.includes('line 20 of a file'));
    await detach('less-a');
    attach('less', 'less-b', 80, 24);
    await tmux.until('less-b', 'the file', (text) => text.includes('line 20 of a file'));
    tmux.type('less-b', 'q');
    const text = await tmux.until(
      'less-b',
      'the shell again',
      (t) => t.includes('before') && !t.includes('line 20'),
    );
    expect(text).not.toContain('line 3 of a file');
    await same('less', 'less-b');
    await detach('less-b');
    skein.run('kill', 'less');
  });
});

needs('tmux', 'top')('top', () => {
  test('[H5] is the same on both screens, and follows a new size', async () => {
    skein.run('run', '-d', '--name', 'top', '--size', '80x24', '--', 'top', '-d', '600');
    attach('top', 'top-a', 80, 24);
    await tmux.until('top-a', 'processes', (text) => text.includes('PID USER'));
    await same('top', 'top-a');
    await detach('top-a');
    attach('top', 'top-b', 120, 40);
    tmux.keys('top-b', 'h');
    await tmux.until('top-b', 'the help', (text) => text.includes('Help for Interactive Commands'));
    await same('top', 'top-b');
    await detach('top-b');
    skein.run('kill', 'top');
  });
});

needs('tmux')('tmux itself', () => {
  test('[H5] runs in a session', async () => {
    skein.run(
      'run',
      '-d',
      '--name',
      'inner',
      '--env',
      'TMUX=',
      '--size',
      '80x24',
      '--',
      'tmux',
      '-L',
      `in-${process.pid}`,
      '-f',
      '/dev/null',
      'new',
      'sh',
    );
    attach('inner', 'inner-a', 80, 24);
    await tmux.until('inner-a', 'its status line', (text) => text.includes('[0]'));
    tmux.type('inner-a', 'echo inside-$((6*7))\r');
    await tmux.until('inner-a', 'the echo', (text) => text.includes('inside-42'));
    await same('inner', 'inner-a');
    await detach('inner-a');
    attach('inner', 'inner-b', 80, 24);
    await tmux.until('inner-b', 'the echo', (text) => text.includes('inside-42'));
    tmux.type('inner-b', 'exit\r');
    await tmux.until('inner-b', 'the end', (text) => text.includes('ended'));
    tmux.close('inner-b');
  });
});

needs('tmux')('pictures', () => {
  const picture = [
    ...Array.from(
      { length: 16 },
      (_, y) =>
        `${Array.from({ length: 16 }, (_, x) => `\\033[48;5;${y * 16 + x}m \\033[38;5;${x * 16 + y}mx`).join(
          '',
        )}\\033[m\\n`,
    ),
    `${Array.from({ length: 60 }, (_, x) => `\\033[48;2;${x * 4};${255 - x * 4};128m `).join('')}\\033[m\\n`,
    '\\033[1mbold\\033[m \\033[3mitalic\\033[m \\033[4munder\\033[m \\033[7mreverse\\033[m \\033[9mstruck\\033[m\\n',
    '漢字 한글 a\\314\\210 e\\314\\201 ｆｕｌｌ\\n',
  ].join('');

  test('[H5] [H6] in 256 colours, truecolour, wide and combining characters are the ones that the program drew', async () => {
    const script = join(files, 'picture.sh');
    writeFileSync(script, `printf '${picture}'\nread x\n`);
    tmux.open('bare', `sh ${script}`, 80, 24);
    await tmux.until('bare', 'the picture', (text) => text.includes('struck') && text.includes('한글'));
    skein.run('run', '-d', '--name', 'picture', '--size', '80x24', '--', 'sh', script);
    attach('picture', 'picture-a', 80, 24);
    await tmux.until('picture-a', 'the picture', (text) => text === tmux.text('bare'));
    expect(tmux.coloured('picture-a')).toBe(tmux.coloured('bare'));
    await same('picture', 'picture-a');
    await detach('picture-a');
    skein.run('kill', 'picture');
    tmux.close('bare');
  });
});

needs('tmux')('two terminals', () => {
  test('[H6] of different sizes share a session: frames for one, raw bytes for the other, changing with who types', async () => {
    skein.run('run', '-d', '--name', 'pair', '--size', '80x24', '--', 'sh');
    attach('pair', 'pair-a', 80, 24);
    tmux.type('pair-a', 'echo first-$((1+1))\r');
    await tmux.until('pair-a', 'the echo', (text) => text.includes('first-2'));
    attach('pair', 'pair-b', 60, 15);
    await tmux.until('pair-b', 'the same', (text) => text.includes('first-2'));
    expect(skein.json<{ size: unknown }[]>('ls').find(() => true)).toBeDefined();
    tmux.type('pair-a', 'stty size\r');
    await tmux.until('pair-a', 'its size', (text) => text.includes('24 80'));
    tmux.type('pair-b', 'stty size\r');
    await tmux.until('pair-b', 'its size', (text) => text.includes('15 60'));
    await tmux.until('pair-a', 'what the other did', (text) => text.includes('15 60'));
    await detach('pair-b');
    await detach('pair-a');
    skein.run('kill', 'pair');
  });
});
