/** What is handed to the system is refused where the system would read only a part of it (rule K5). */
import { expect, test } from 'vitest';
import { asks } from './sessions/asks.ts';
import { nodeCommands } from './sessions/commands.ts';

test('[K5] a NUL in a word, a directory or an environment is refused, wherever it stands', () => {
  const create = nodeCommands['session.create'];
  const sound = {
    ...{ id: 'aaaaaaaaaaaa', run: 'bbbbbbbbbbbb', argv: ['sh', '-c', ''], cwd: '/tmp', cols: 80, rows: 24 },
  };
  expect(create.safeParse(sound).success).toBe(true);
  expect(create.safeParse({ ...sound, cwd: '/tmp\0/x' }).success).toBe(false);
  expect(create.safeParse({ ...sound, argv: ['sh\0'] }).success).toBe(false);
  expect(asks.env.safeParse({ vars: { A: 'b' } }).success).toBe(true);
  expect(asks.env.safeParse({ vars: { A: 'b\0' } }).success).toBe(false);
  expect(asks.env.safeParse({ vars: { 'A\0': 'b' } }).success).toBe(false);
});
