/** `skein attach` in a real terminal (tmux): in, out by every way, and the terminal clean after each (rules H3, H5, H6). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';
import { clientsOf } from './support/clients.ts';
import { hostsOf } from './support/home.ts';
import { needs } from './support/needs.ts';
import { kill, until } from './support/processes.ts';
import { Tmux } from './support/tmux.ts';

let skein: Skein;
let tmux: Tmux;
let terminal = '';
let count = 0;

beforeAll(() => {
  skein = new Skein();
  tmux = new Tmux();
});
afterAll(() => {
  tmux.stop();
  skein.destroy();
});
beforeEach(() => {
  terminal = `t${++count}`;
});

/** A shell in the terminal, and `skein` typed into it. */
async function shell(words: string, cols?: number, rows?: number): Promise<void> {
  await tmux.shell(terminal, cols, rows);
  type(`${skein.command} ${words}`);
}

function type(text: string): void {
  tmux.enter(terminal, text);
}

/** The shell has its terminal back as it was: it echoes, on a fresh line, with no mode left on. */
async function clean(said: string): Promise<void> {
  const prompt = (text: string) => text.includes(said) && text.trimEnd().endsWith('user:');
  await tmux.until(terminal, `${said}, and a prompt`, prompt);
  type('echo shell-$((40+2)); stty -a | grep -cE -- "-(echo|icanon|isig|opost|icrnl) "');
  const text = await tmux.until(terminal, 'the shell', (t) => /shell-42\n\d+\n/.test(t));
  expect(text).toContain('user: echo shell-$((40+2))');
  expect(text).toMatch(/shell-42\n0\n/);
  expect(tmux.modes(terminal)).toMatch(/cursor=1 alternate=0 mouse=000 sgr=0 keypad=0 app=0$/);
  tmux.close(terminal);
}

function attached(name: string): number {
  const sessions = skein.json<{ name: string; attached: number }[]>('ls');
  return sessions.find((s) => s.name === name)?.attached ?? 0;
}

/** Draws on the alternate screen and turns on everything that must be off afterwards. */
const DRAWING = String.raw`
printf '\033[?1049h\033[?1003h\033[?1006h\033[?2004h\033[?1h\033=\033[?25l\033[31mdrawn'
exec cat`;

needs('tmux')('attach', () => {
  test('run attaches; C-\\ d leaves; the program goes on, the terminal is clean', async () => {
    const script = join(skein.home, 'drawing.sh');
    writeFileSync(script, DRAWING);
    await shell(`run --name one -- sh ${script}`);
    await tmux.until(terminal, 'what it drew', (text) => text === 'drawn');
    expect(tmux.modes(terminal)).toMatch(/cursor=0 alternate=1 mouse=1.. sgr=1 keypad=1 app=1$/);
    tmux.keys(terminal, 'C-\\', 'd');
    await clean('[detached from one]');
    expect(skein.json<{ state: string }[]>('ls')[0]?.state).toBe('running');
  });

  test('attached again, at another size, the screen is there; keys reach the program', async () => {
    await shell('attach one', 100, 30);
    await tmux.until(terminal, 'what it drew', (text) => text.includes('drawn'));
    type('typed');
    await until('it was read', () => skein.run('screen', 'one').split('typed').length === 3);
    tmux.keys(terminal, 'C-\\', 'C-\\', 'Enter');
    await until(
      'one of the two came',
      () => skein.run('screen', 'one').includes('^\\') || attached('one') === 0,
    );
    if (attached('one') > 0) tmux.keys(terminal, 'C-\\', 'd');
    await clean('one');
  });

  test('the end of the program is told, with how it ended', async () => {
    await shell("run --name two -- sh -c 'read x; exit 3'");
    await until('attached', () => attached('two') === 1);
    expect(skein.run('members', 'two')).toMatch(/^Nobody but .*\nAttached now: its own user\n$/);
    tmux.keys(terminal, 'Enter');
    await clean('[session two ended: exit 3]');
  });

  test('what has scrolled away comes before it, to scroll back to', async () => {
    skein.run('run', '-d', '--name', 'long', '--size', '130x24', '--', 'sh', '-c', 'seq 200; exec cat');
    await until('all is drawn', () => skein.run('screen', 'long').includes('200'));
    // As high as the program's, and higher: then some of what has scrolled away comes back.
    for (const rows of [24, 40]) {
      await shell('attach long --history 50', 130, rows);
      await tmux.until(terminal, 'its end', (text) => text.startsWith(`${202 - rows}\n`));
      const numbers = tmux.all(terminal).match(/^\d+$/gm)?.map(Number);
      expect(numbers).toEqual(Array.from({ length: 73 }, (_, i) => 128 + i));
      tmux.keys(terminal, 'C-\\', 'd');
      await clean('[detached from long]');
      terminal = `t${++count}`;
    }
    skein.run('rm', '-f', 'long');
  });

  test('one that has ended shows its last screen', async () => {
    skein.run('run', '-d', '--name', 'past', '--', 'sh', '-c', 'echo last words; exit 5');
    skein.try(['wait', 'past']);
    await shell('attach past');
    const text = await tmux.until(terminal, 'how it ended', (t) => t.includes('has ended: exit 5'));
    expect(text).toContain('last words');
    await clean('[session past has ended: exit 5]');
  });

  test('with --read-only nothing is typed, and the detach key works', async () => {
    skein.run('run', '-d', '--name', 'quiet', '--', 'sh', '-c', 'echo here; exec cat');
    await shell('attach quiet --read-only');
    await tmux.until(terminal, 'its screen', (text) => text.includes('here'));
    type('not for you');
    tmux.keys(terminal, 'C-\\', 'd');
    await clean('[detached from quiet]');
    expect(skein.run('screen', 'quiet')).not.toContain('not for you');
  });

  test.each(['TERM', 'HUP', 'INT', 'QUIT'])(
    'SIG%s detaches and leaves the terminal clean',
    async (signal) => {
      await shell('attach quiet');
      await until('attached', () => attached('quiet') === 1);
      for (const pid of clientsOf(skein, 'attach quiet')) kill(pid, `SIG${signal}` as NodeJS.Signals);
      await clean('[detached from quiet]');
    },
  );

  test('stopped by SIGTSTP and continued, it is attached again', async () => {
    await shell('attach quiet');
    await until('attached', () => attached('quiet') === 1);
    for (const pid of clientsOf(skein, 'attach quiet')) kill(pid, 'SIGTSTP');
    await tmux.until(terminal, 'the shell', (text) => /user:\s*$/.test(text));
    const { cols, rows } = skein.json<{ cols: number; rows: number }>('screen', 'quiet');
    tmux.resize(terminal, cols - 20, rows - 5);
    type('fg');
    await until('attached again', () => attached('quiet') === 1);
    const smaller = { cols: cols - 20, rows: rows - 5 };
    await until('[H6] of the size that its window has now', () => {
      const now = skein.json<typeof smaller>('screen', 'quiet');
      return now.cols === smaller.cols && now.rows === smaller.rows;
    });
    tmux.resize(terminal, cols, rows);
    type('after all');
    await until('it was read', () => skein.run('screen', 'quiet').includes('after all'));
    tmux.keys(terminal, 'C-\\', 'd');
    await clean('[detached from quiet]');
  });

  test('a restart of the node is not noticed', async () => {
    await shell('attach quiet');
    await until('attached', () => attached('quiet') === 1);
    skein.run('down');
    type('nobody is there');
    await tmux.until(terminal, 'the answer', (text) => text.split('nobody is there').length === 3);
    skein.run('up');
    tmux.keys(terminal, 'C-\\', 'd');
    await clean('[detached from quiet]');
  });

  test('[K5] run starts nothing that could not be left again', async () => {
    await tmux.shell(terminal);
    type(`SKEIN_DETACH=frob ${skein.command} run --name frob -- cat`);
    await tmux.until(terminal, 'the refusal', (text) => text.includes('(bad_request)'));
    expect(skein.json<{ name: string }[]>('ls').map(({ name }) => name)).not.toContain('frob');
  });

  test.each(['attach inner', 'output -f inner'])('[H5] a session does not show itself: %s', async (words) => {
    skein.run('run', '-d', '--name', 'inner', '--size', '100x10', '--', 'sh');
    skein.run('send', 'inner', `${skein.command} ${words}`, '--enter');
    await until('the refusal', () => skein.run('screen', 'inner').includes('(bad_request)'));
    skein.run('rm', '-f', 'inner');
  });

  test('[H5] nor by way of others, as long as these show it', async () => {
    for (const name of ['near', 'middle', 'far'])
      skein.run('run', '-d', '--name', name, '--size', '150x10', '--', 'sh');
    skein.run('send', 'near', `${skein.command} attach middle`, '--enter');
    await until('it shows the next', () => attached('middle') === 1);
    skein.run('send', 'middle', `${skein.command} output -f far`, '--enter');
    const farOutput = () => clientsOf(skein, 'output -f far');
    await until('that shows the last', () => farOutput().length === 1);
    skein.run('send', 'far', 'echo is-seen', '--enter');
    await until('that is seen in all', () => skein.run('screen', 'near').includes('is-seen'));
    skein.run('send', 'far', `${skein.command} attach near`, '--enter');
    await until('the refusal', () => skein.run('screen', 'far').includes('(bad_request)'));
    expect(attached('near')).toBe(0);
    for (const pid of farOutput()) kill(pid);
    await until('it is gone', () => farOutput().length === 0);
    skein.run('send', 'far', `clear; ${skein.command} attach near`, '--enter');
    await until('it is shown', () => attached('near') === 1);
    skein.run('rm', '-f', 'near', 'middle', 'far');
  });

  test('skein alone shows the sessions; the chosen one is attached', async () => {
    await shell('');
    await tmux.until(
      terminal,
      'the menu',
      (text) => text.includes('Enter attaches') && text.includes('quiet'),
    );
    tmux.keys(terminal, 'Enter');
    await until('attached', () => attached('quiet') === 1);
    tmux.keys(terminal, 'C-\\', 'd');
    await clean('[detached from quiet]');
  });

  test('a host that dies is told of, and the terminal is clean', async () => {
    await shell('attach quiet');
    await until('attached', () => attached('quiet') === 1);
    for (const host of hostsOf(skein.home)) kill(host.pid);
    await clean('(host_lost)');
  });
});
