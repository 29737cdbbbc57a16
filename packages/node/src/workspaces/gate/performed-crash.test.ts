/** A node that is killed while it writes for agents: files are whole, and what was answered is there (rules W2, K4). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { textOf } from './crash.fixture.ts';
import { Site } from './write-gate.fixture.ts';

const PROGRAM = path.join(import.meta.dirname, 'crash.fixture.ts');
const ROUNDS = 3;

/** The number of the last write that was answered. */
async function writeUntilKilled(plan: object, answers: number): Promise<number> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(plan)], { stdio: [...stdio] });
  let last = -1;
  let left = answers;
  try {
    for await (const line of readline.createInterface({ input: child.stdout })) {
      expect(line).toMatch(/^\d+ ok$/);
      last = Number.parseInt(line, 10);
      left -= 1;
      // Anywhere in the next write.
      if (left === 0) void sleep(Math.random() * 12).then(() => child.kill('SIGKILL'));
    }
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  return last;
}

test('[W2] killed anywhere in a write, a file is what it was or what it was to be', async () => {
  const site = await Site.make();
  try {
    const writer = await site.enter('ada');
    let next = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await site.leave();
      const last = await writeUntilKilled({ dir: site.dir, writer, from: next }, 1 + 2 * round);
      expect(last).toBeGreaterThanOrEqual(next);
      for (const n of [last - 1, last, last + 1]) {
        if (n < 0) continue;
        const file = site.at(`dir/f${n % 3}`);
        const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
        const wrote = text === undefined ? undefined : Number.parseInt(text, 10);
        if (wrote !== undefined) expect(text === textOf(wrote)).toBe(true);
        if (n <= last) expect(wrote).toBe(n);
        else expect([undefined, n - 3, n]).toContain(wrote);
      }
      await site.take({ over: false });
      // Asked again as it would be: done once more, or found done.
      const again = `c${last + 1}`;
      const verdict = await site.gate.writeText(writer, again, `dir/f${(last + 1) % 3}`, textOf(last + 1));
      expect(verdict).toMatchObject({ ok: true });
      expect(site.text(`dir/f${(last + 1) % 3}`) === textOf(last + 1)).toBe(true);
      expect((await site.state()).runs[writer.run]?.calls).toEqual({});
      await site.gate.start();
      next = last + 2;
    }
  } finally {
    await site.remove();
  }
});
