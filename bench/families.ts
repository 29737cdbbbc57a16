/** Every family of rows, in the order in which they run. */
import { a1 } from './a1-agents.ts';
import type { Family } from './lib/row.ts';
import { p1 } from './p1-echo.ts';
import { p2 } from './p2-flood.ts';
import { p3 } from './p3-interrupt.ts';
import { p4 } from './p4-attach.ts';
import { p5 } from './p5-list.ts';
import { p6 } from './p6-command.ts';
import { p7 } from './p7-replay.ts';
import { p8 } from './p8-relayed.ts';
import { p8b } from './p8b-relayed-echo.ts';
import { p9 } from './p9-memory.ts';
import { p9Relay } from './p9-relay.ts';
import { p10 } from './p10-recovery.ts';
import { p11 } from './p11-growth.ts';
import { w1 } from './w1-claims.ts';
import { w2 } from './w2-watcher.ts';
import { x1 } from './x1-machines.ts';

export const FAMILIES: readonly Family[] = [
  p1,
  p2,
  p3,
  p4,
  p5,
  p6,
  p7,
  p8,
  p8b,
  p9,
  p9Relay,
  p10,
  p11,
  a1,
  w1,
  w2,
  x1,
];
