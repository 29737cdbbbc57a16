/** A program for performed-crash.test.ts: writes files for an agent as a node would, again and again, until it is killed. */
import path from 'node:path';
import { Kernel } from '../../kernel/kernel.ts';
import { nodeActor } from '../../sessions/node-actor.ts';
import { sessionActor } from '../../sessions/session-actor.ts';
import type { Writer } from '../gate.ts';
import { workspaceActor } from '../workspace-actor.ts';
import { WriteGates } from './write-gate.ts';

/** What the nth write writes: told by its first line, and long enough to be seen in parts. */
export function textOf(n: number): string {
  return `${n}\n`.repeat(20_000 + (n % 7) * 10_000);
}

if (import.meta.main) {
  const { dir, writer, from } = JSON.parse(process.argv[2] ?? '') as {
    dir: string;
    writer: Writer;
    from: number;
  };
  const kernel = await Kernel.open({ dir: path.join(dir, 'log') });
  for (const kind of [nodeActor, sessionActor, workspaceActor]) kernel.registerActor(kind as never);
  const gate = new WriteGates({ kernel, home: path.join(dir, 'home'), left: () => 60_000, log: () => {} });
  for (let n = from; ; n += 1) {
    const verdict = await gate.writeText(writer, `c${n}`, `dir/f${n % 3}`, textOf(n));
    process.stdout.write(`${n} ${verdict.ok ? 'ok' : verdict.refused.why}\n`);
  }
}
