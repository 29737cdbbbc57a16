/** The commands for agents of the real `skein`, with an agent that speaks ACP (rules A3–A6, K5). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steps } from './support/acp-agent.ts';
import { Skein } from './support/cli.ts';
import { defineFake } from './support/fake-definition.ts';
import { until } from './support/processes.ts';

let skein: Skein;
let work: string;
const children = new Set<ChildProcess>();

beforeAll(() => {
  skein = new Skein();
  work = join(skein.home, '..', 'work');
  mkdirSync(work);
  defineFake(skein.home);
  defineFake(skein.home, 'brief', 'restart: {when: on-failure, most: 3, delay: 10ms}\n');
  defineFake(skein.home, 'anew', 'resume: false\n');
  skein.run('run', '-d', '-C', work, '--name', 'api', 'fake');
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  skein.destroy();
});

interface Waiting {
  approval: string;
  agentName: string;
  title: string;
  yours: boolean;
}
interface Shown {
  name: string;
  doing: string;
  queue: number;
  mode: string | null;
  turns: number;
}

/** A failed call: its exit status and the code in its JSON; stdout must be empty. */
function failure(...args: string[]): [number | null, string] {
  const { status, stdout, stderr } = skein.try([args[0] as string, '--json', ...args.slice(1)]);
  expect(stdout).toBe('');
  return [status, JSON.parse(stderr).error.code];
}

/** One that goes on while others are run. */
function begin(...args: string[]) {
  const child = spawn(...skein.words(...args), { env: skein.env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    out.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out.stderr += chunk;
  });
  const ended = once(child, 'close').then(([status]) => {
    children.delete(child);
    return status as number | null;
  });
  return { child, out, ended };
}

const agents = (...ref: string[]) => skein.json<Shown[]>('agents', ...ref);
const asked = () => skein.json<Waiting[]>('approvals');

async function idle(ref = 'api'): Promise<void> {
  await until('nothing is done any more', () =>
    agents(ref).every(({ doing, queue }) => doing === 'idle' && queue === 0),
  );
}

async function question(): Promise<Waiting> {
  await until('a question', () => asked().length > 0);
  return asked()[0] as Waiting;
}

describe('starting', () => {
  test('[A3] run with a definition alone starts an agent, listed with what it does', () => {
    expect(skein.run('ls')).toMatch(/ api +running +- .* fake (starting|idle)\n/);
    expect(agents()).toMatchObject([{ sessionName: 'api', name: 'fake', definition: 'fake', cwd: work }]);
    const [listed] = skein.json<{ agents: { name: string }[] }[]>('ls');
    expect(listed?.agents).toMatchObject([{ name: 'fake', definition: 'fake' }]);
    expect(skein.run('status')).toMatch(/^agents +1 (starting|idle)$/m);
  });

  test('[K5] what cannot be started is told with what to do, and leaves no session behind', () => {
    const before = skein.json<unknown[]>('ls').length;
    expect(failure('spawn', 'nosuch')).toEqual([3, 'not_found']);
    defineFake(skein.home, 'absent', 'install: npm install -g absent\n');
    const file = join(skein.home, 'agents/absent.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/command: .*/, 'command: no-such-program'));
    const { status, stderr } = skein.try(['run', 'absent']);
    expect(status).toBe(1);
    expect(stderr).toContain('To get it: npm install -g absent (agent_missing)');
    expect(skein.json<unknown[]>('ls').length).toBe(before);
  });

  test('[A3] what cannot be started leaves nothing of its environment', () => {
    defineFake(skein.home, 'unready', 'env: {NEEDED: {from: NOT_SET_ANYWHERE}}\n');
    for (const refused of [
      ['spawn', 'nosuch'],
      ['spawn', 'unready'],
      ['spawn', 'fake', '--in', 'api', '--as', 'fake'],
      ['run', '-d', '--name', 'api', 'true'],
    ])
      expect({ refused, status: skein.try(refused).status }).not.toMatchObject({ status: 0 });
    for (const kept of ['spool', 'agents-env'].map((dir) => join(skein.home, dir)))
      expect(readdirSync(kept)).toHaveLength(kept.endsWith('spool') ? 0 : 1);
  });

  test('after -- and with arguments the word is a program', () => {
    const id = skein.run('run', '-d', '-n', 'program', '--', process.execPath, '-e', '0').trim();
    expect(id).toMatch(/^[a-z2-7]{12}$/);
    expect(failure('run', '-d', '--', 'fake')).toEqual([1, 'program_not_found']);
    expect(failure('run', '-d', '--model', 'x', 'true')).toEqual([2, 'bad_request']);
  });

  test('[A3] its environment is the caller’s, and what was given', async () => {
    skein.run('run', '-d', '-n', 'env', '-e', 'SPECIAL=seen', 'fake');
    const { stdout } = await skein.later(['prompt', '-w', 'env', steps({ do: 'env', name: 'SPECIAL' })]);
    expect(stdout).toBe('seen\n');
    expect(skein.run('events', 'env', '--json')).not.toContain('SPECIAL=seen');
    // Those of agents that are no more go when the node starts; its own stays.
    const kept = join(skein.home, 'agents-env');
    writeFileSync(join(kept, 'aaaaaaaaaaaa'), '{}');
    skein.run('restart');
    expect(existsSync(join(kept, 'aaaaaaaaaaaa'))).toBe(false);
    skein.run('restart', 'env');
    const again = await skein.later(['prompt', '-w', 'env', steps({ do: 'env', name: 'SPECIAL' })]);
    expect(again.stdout).toBe('seen\n');
    skein.run('rm', '-f', '--purge', 'env');
  });
});

describe('prompting', () => {
  test('[A4] --wait prints the reply as it comes and ends with the turn', async () => {
    expect(skein.run('prompt', '-w', 'api', 'hello there')).toBe('You said: hello there\n');
    expect(skein.try(['prompt', '-w', 'api/fake', '-'], { input: 'from stdin' }).stdout).toBe(
      'You said: from stdin\n',
    );
    const failed = skein.try(['prompt', '-w', 'api', steps({ do: 'fail' })]);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('The turn was failed');
  });

  test('[A4] --wait --json tells its events, one a line, from the prompt to the end of its turn', () => {
    const lines = skein.run('prompt', '-w', '--json', 'api', 'hi').trim().split('\n');
    const types = lines.map((line) => JSON.parse(line).type as string);
    expect(types[0]).toBe('prompt.queued');
    expect(types.at(-1)).toBe('turn.ended');
    expect(types).toContain('message.delta');
    expect(types.every((type) => /^(prompt|turn|message|agent|usage)\./.test(type))).toBe(true);
  });

  test('[A4] prompts queue: shown, edited, taken back until they start; a cancelled turn makes way', async () => {
    skein.run('prompt', 'api', steps({ do: 'hang' }));
    await until('it hangs', () => agents('api')[0]?.doing === 'working');
    expect(skein.json('prompt', 'api', 'second')).toMatchObject({ name: 'fake', before: 1 });
    expect(skein.json('prompt', 'api', 'third')).toMatchObject({ before: 2 });
    expect(skein.run('queue', 'api')).toMatch(/^runs .*\n1 .* second\n2 .* third$/m);
    skein.run('queue', 'api', 'edit', '1', 'other');
    skein.run('queue', 'api', 'cancel', '2');
    expect(failure('queue', 'api', 'cancel', '5')).toEqual([3, 'not_found']);
    const waiting = begin('prompt', '-w', 'api', 'last');
    await until('it waits', () => agents('api')[0]?.queue === 2);
    expect(skein.run('cancel', 'api')).toBe('fake: its turn has ended\n');
    expect(await waiting.ended).toBe(0);
    expect(waiting.out.stdout).toBe('You said: last\n');
    const text = skein.run('transcript', 'api', '-o', 'text', '-n', '3');
    expect(text).toContain('You said: other');
    expect(text).not.toContain('third');
    expect(failure('cancel', 'api')).toEqual([1, 'no_turn']);
  });

  test('[A4] C-c cancels the turn that is waited for: exit 130', async () => {
    const waiting = begin('prompt', '-w', 'api', steps({ do: 'hang' }));
    await until('it hangs', () => agents('api')[0]?.doing === 'working');
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toBe(130);
    expect(waiting.out.stderr).toContain('The turn was cancelled');
    await idle();
  });

  test('[A2] a node that restarts in the middle is waited for, and nothing of the reply is lost', async () => {
    const waiting = begin(
      'prompt',
      '-w',
      'api',
      steps({ do: 'write', call: 'r', path: 'r', content: 'r', ask: true }, { do: 'say', text: 'after all' }),
    );
    const { approval } = await question();
    skein.run('restart');
    expect(skein.run('ls')).toMatch(/ api +running .* fake waiting\n/);
    skein.run('approve', approval);
    expect(await waiting.ended).toBe(0);
    expect(waiting.out.stdout).toBe('after all\n');
  });

  test('a text past any frame, a file and a picture arrive', () => {
    const large = 'x'.repeat(5_000_000);
    skein.run('run', '-d', '-n', 'large', 'fake');
    expect(skein.try(['prompt', '-w', 'large', '-'], { input: large }).stdout).toBe('5000000\n');
    expect(skein.run('transcript', 'large', '-o', 'md').length).toBeLessThan(50_000);
    skein.run('rm', '-f', '--purge', 'large');
    expect(failure('prompt', 'api', '-f', 'no/such/file')).toEqual([2, 'bad_request']);
    const file = join(work, 'note.txt');
    writeFileSync(file, 'x');
    expect(skein.run('prompt', '-w', 'api', '-f', file, 'read it')).toContain('note.txt');
    const picture = join(work, 'dot.png');
    writeFileSync(picture, Buffer.from('89504e470d0a1a0a00', 'hex'));
    skein.run('prompt', '-w', 'api', '-i', picture, 'look');
    expect(skein.run('transcript', 'api', '-n', '1', '-o', 'md')).toContain('> [image]');
    expect(failure('prompt', 'api', '-i', file)).toEqual([2, 'bad_request']);
  });
});

describe('approvals', () => {
  const write = (path: string) => steps({ do: 'write', call: path, path, content: 'AAA', ask: true });

  test('[A5] what is asked is listed, answered by a short id, and told to whoever waits for the reply', async () => {
    const waiting = begin('prompt', '-w', 'api', write('a.txt'));
    const { approval, yours } = await question();
    expect(yours).toBe(true);
    const short = `${approval.slice(0, 4)}${approval.slice(approval.lastIndexOf('.'))}`;
    expect(skein.run('approvals')).toContain(`${short}  api/fake`);
    expect(skein.run('approve', short)).toBe('allowed: api/fake Write a.txt\n');
    expect(await waiting.ended).toBe(0);
    expect(waiting.out.stderr).toContain(`skein approve ${short}`);
    expect(failure('deny', approval)).toEqual([1, 'already_answered']);
    expect(failure('deny', 'nosuch')).toEqual([3, 'not_found']);
    expect(skein.run('approvals')).toBe('Nothing waits for an answer.\n');
  });

  test('[A5] of several each is answered and told, whatever becomes of the others', async () => {
    const waiting = begin('prompt', '-w', 'api', write('several.txt'));
    const { approval } = await question();
    skein.run('approve', approval);
    expect(await waiting.ended).toBe(0);
    const next = begin('prompt', '-w', 'api', write('another.txt'));
    const open = (await question()).approval;
    const { status, stdout, stderr } = skein.try(['deny', '--json', approval, open, approval]);
    expect(JSON.parse(stdout)).toMatchObject([{ approval: open, outcome: 'denied' }]);
    const failed = stderr.trim().split('\n');
    expect(failed.map((line) => JSON.parse(line).error.code)).toEqual(Array(2).fill('already_answered'));
    expect(status).toBe(1);
    expect(await next.ended).toBe(0);
  });

  test('[A5] a refusal carries its reason into the log', async () => {
    const waiting = begin('prompt', '-w', 'api', write('b.txt'));
    const { approval } = await question();
    skein.run('deny', approval, '-m', 'not this one');
    expect(await waiting.ended).toBe(0);
    expect(skein.run('transcript', 'api', '-n', '1', '-o', 'text')).toContain('denied by you: not this one');
  });

  test('[A5] --follow tells of each when it comes and when it is settled', async () => {
    const following = begin('approvals', '-f', '--json');
    const waiting = begin('prompt', '-w', 'api', write('c.txt'));
    await until('it is told', () => following.out.stdout.includes('\n'));
    const { approval } = JSON.parse(following.out.stdout.split('\n')[0] as string).asked as Waiting;
    skein.run('approve', approval, '--always');
    await until('its end is told', () => following.out.stdout.includes('settled'));
    following.child.kill();
    await Promise.all([following.ended, waiting.ended]);
    expect(skein.run('prompt', '-w', 'api', write('d.txt'))).toBe('');
    expect(skein.run('transcript', 'api', '-n', '1', '-o', 'text')).toMatch(
      /asked: Write d.txt — allowed by /,
    );
    const [{ rule }] = skein.json<[{ rule: string }]>('rules', 'api');
    expect(skein.run('rules', 'api')).toMatch(
      new RegExp(`^${rule} +fake +allow +\\S+ +whatever it is +you$`, 'm'),
    );
    skein.run('rules', 'api', 'rm', rule.slice(0, 4));
    expect(failure('rules', 'api', 'rm', rule)).toEqual([3, 'not_found']);
    const again = begin('prompt', '-w', 'api', write('e.txt'));
    skein.run('deny', (await question()).approval);
    expect(await again.ended).toBe(0);
  });
});

describe('choosing, looking, summing up', () => {
  test('modes are shown and chosen by as much of their names as tells them apart', () => {
    expect(skein.run('mode', 'api')).toMatch(/^\* +ask +Ask first\n +code +Just do it\n$/);
    skein.run('mode', 'api', 'co');
    expect(skein.json('mode', 'api')).toMatchObject({ current: 'code' });
    expect(failure('mode', 'api', 'nosuch')).toEqual([3, 'not_found']);
    expect(skein.run('model', 'api')).toContain('offers no models');
  });

  test('usage is told by agent, by person and by turn', () => {
    const {
      agents: sums,
      members,
      turns,
    } = skein.json<{
      agents: { used: { turns: number } }[];
      members: { member: string; name: string }[];
      turns: { end: string; prompt: string }[];
    }>('usage', 'api', '--turns');
    expect(members).toMatchObject([{ member: 'owner', name: 'you' }]);
    expect(turns).toHaveLength(sums[0]?.used.turns as number);
    expect(turns[0]).toMatchObject({ end: 'done', prompt: 'hello there' });
    expect(skein.run('usage', 'api')).toMatch(/^api\/fake +\d+ /m);
  });

  test('[A1] usage counts agents that were removed, and says so', async () => {
    skein.run('run', '-d', '-n', 'spent', 'fake');
    await skein.later(['prompt', '-w', 'spent', 'hello']);
    skein.run('rm', '-f', 'spent/fake');
    const removed = { sessionName: 'spent', used: { turns: 1 } };
    for (const where of [['spent'], []])
      expect(skein.json<{ removed: unknown[] }>('usage', ...where).removed).toMatchObject([removed]);
    expect(skein.json('usage', 'spent')).toMatchObject({
      total: { turns: 1 },
      agents: [],
      members: [{ member: 'owner', used: { turns: 1 } }],
    });
    expect(skein.run('usage', 'spent')).toMatch(/^spent, removed ones +1 /m);
    expect(failure('usage', 'spent/fake')).toEqual([3, 'not_found']);
    skein.run('rm', '-f', '--purge', 'spent');
  });

  test('[L5] a transcript in each form, whole or of the last turns', () => {
    const lines = skein.run('transcript', 'api', '-o', 'jsonl').trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { type: string; number?: number });
    const turns = all.filter(({ type }) => type === 'turn');
    expect(turns.map(({ number }) => number)).toEqual(turns.map((_, i) => i + 1));
    expect(all.filter(({ type }) => type === 'end')).toHaveLength(turns.length);
    const md = skein.run('transcript', 'api', '-n', '1');
    expect(md).toContain(`## fake, turn ${turns.length}\n`);
    expect(md).toMatch(/\*\*⊘ Write e.txt\*\* `edit` denied\n\n```diff\n--- e.txt\n\+AAA\n```/);
    expect(failure('transcript', 'api', '-o', 'pdf')).toEqual([2, 'bad_request']);
  });

  test('[K5] what is for terminals says what to do instead', () => {
    for (const args of [
      ['send', 'api', 'x'],
      ['screen', 'api'],
      ['output', 'api'],
      ['resize', 'api', '80x24'],
      ['kill', 'api'],
    ])
      expect(failure(...args)).toEqual([1, 'no_terminal']);
    expect(skein.run('wait', 'api')).toBe('');
    expect(skein.run('export', 'api')).toContain('"turn.ended"');
    expect(failure('export', 'api', '--format', 'text')).toEqual([1, 'no_terminal']);
  });
});

describe('several, and their ends', () => {
  test('a second agent in a session is named; prompts say which', async () => {
    skein.run('spawn', 'fake', '--in', 'api', '--as', 'reviewer', '-p', 'begin');
    await idle();
    expect(skein.run('transcript', 'api/reviewer', '-o', 'text')).toContain('You said: begin');
    expect(failure('prompt', 'api', 'which')).toEqual([3, 'ambiguous']);
    expect(failure('prompt', 'api/nobody', 'x')).toEqual([3, 'not_found']);
    expect(failure('spawn', 'fake', '--in', 'api', '--as', 'reviewer')).toEqual([1, 'name_taken']);
    expect(skein.run('prompt', '-w', 'api/rev', 'you')).toBe('You said: you\n');
  });

  test('[A6] stop, restart and rm of one agent; one that is never to resume begins anew', async () => {
    expect(skein.run('stop', 'api/reviewer')).toBe('api/reviewer: stopped\n');
    expect(agents('api').map(({ doing }) => doing)).toEqual(['idle', 'stopped']);
    expect(failure('prompt', 'api/reviewer', 'x')).toEqual([1, 'not_running']);
    expect(skein.json<object[]>('restart', 'api/reviewer')).toMatchObject([
      { name: 'api/reviewer', resumed: true },
    ]);
    skein.run('spawn', 'anew', '--in', 'api');
    await until('it is ready', () => agents('api').at(-1)?.doing === 'idle');
    expect(skein.json<object[]>('restart', 'api/anew')).toMatchObject([{ resumed: false }]);
    skein.run('rm', '-f', 'api/anew');
    expect(failure('rm', 'api/reviewer')).toEqual([1, 'still_running']);
    skein.run('rm', '-f', 'api/reviewer');
    expect(agents('api').map(({ name }) => name)).toEqual(['fake']);
  });

  test('[A6] a turn that dies with its agent is lost, and the agent starts again', async () => {
    skein.run('run', '-d', 'brief');
    const { status, stderr } = skein.try(['prompt', '-w', 'brief', steps({ do: 'die' })]);
    expect(status).toBe(1);
    expect(stderr).toContain('The turn was lost');
    expect(await skein.later(['prompt', '-w', 'brief', 'again'])).toMatchObject({
      stdout: 'You said: again\n',
    });
    expect(skein.run('transcript', 'brief', '-o', 'text')).toContain('── brief ended: exit 7');
  });

  test('stop and rm of a session with agents take them along', () => {
    expect(failure('rm', 'api')).toEqual([1, 'still_running']);
    expect(skein.run('stop', 'api')).toBe('api/fake: stopped\n');
    expect(failure('stop', 'api')).toEqual([1, 'not_running']);
    skein.run('rm', '--purge', 'api');
    skein.run('rm', '-f', '--purge', 'brief');
    expect(skein.json<{ name: string }[]>('ls').map(({ name }) => name)).toEqual(['program']);
    expect(existsSync(work)).toBe(true);
  });
});

test('[K5] a transcript of a session without agents is empty, and says why', () => {
  skein.run('run', '-d', '--name', 'no-agents', '--', 'sleep', '1000');
  const { status, stdout, stderr } = skein.try(['transcript', 'no-agents']);
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toMatch(/no-agents" has no agents.*\nWhat its program printed: skein output no-agents\n/);
  expect(skein.try(['transcript', 'no-agents', '--json'])).toEqual({ status: 0, stdout: '', stderr: '' });
  skein.run('rm', '--force', 'no-agents');
});
