/** What the commands of people and programs leave in the log: their receipts age, and go one day (rule K2). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Skein } from './support/cli.ts';

let skein: Skein;
beforeEach(() => {
  skein = new Skein();
});
afterEach(() => skein.destroy());

/** The clients that the log has receipts of, each with whether all of them have begun to age. */
function aging(): boolean[] {
  skein.run('down');
  const db = new Database(join(skein.home, 'log', 'log.db'), { readonly: true });
  try {
    return db
      .prepare<[], { last: number; acked: number | null }>(
        `SELECT max(seq) AS last, (SELECT max(seq) FROM acks WHERE acks.client = r.client) AS acked
          FROM (SELECT client, seq FROM receipts UNION ALL SELECT client, seq FROM recent) r GROUP BY client`,
      )
      .all()
      .map(({ last, acked }) => acked === last);
  } finally {
    db.close();
  }
}

test('[K2] a command that has ended leaves no receipt that would be kept for ever', () => {
  skein.run('run', '-d', '--name', 'first', '--', 'cat');
  skein.run('run', '-d', '--name', 'second', '--', 'true');
  skein.run('rename', 'first', 'third');
  skein.run('kill', 'third');
  skein.run('wait', 'second');
  skein.try(['rename', 'second', 'third']);
  skein.run('rm', '-f', 'second', 'third');
  expect(aging()).toEqual([true, true, true, true, true, true]);
});

test('[K2] nor does a program that ends without closing its connection', () => {
  skein.run('ls');
  const program = `import { connectSkein } from '@skein/client';
    const skein = await connectSkein({ home: ${JSON.stringify(skein.home)} });
    await skein.client.command('node', 'session.create',
      { id: 'aaaaaaaaaaaa', run: 'bbbbbbbbbbbb', argv: ['/no'], cwd: '/', cols: 80, rows: 24 });
    process.exit(0);`;
  execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: import.meta.dirname });
  expect(aging()).toEqual([true]);
});
