/** Every fault, with the number of times it is brought about in `npm test` and on demand. */
import { a1 } from './a1.ts';
import { a1Real } from './a1-real.ts';
import { a2 } from './a2.ts';
import { a4 } from './a4.ts';
import { f1 } from './f1.ts';
import { f2 } from './f2.ts';
import { f3 } from './f3.ts';
import { f4 } from './f4.ts';
import { f5 } from './f5.ts';
import { f6 } from './f6.ts';
import { f6Mesh } from './f6-mesh.ts';
import { f6Relay } from './f6-relay.ts';
import { f7 } from './f7.ts';
import { f7Relay } from './f7-relay.ts';
import { f8 } from './f8.ts';
import { f9 } from './f9.ts';
import { f10 } from './f10.ts';
import { f11 } from './f11.ts';
import type { Fault } from './fault.ts';
import { w1 } from './w1.ts';
import { w5 } from './w5.ts';
import { x1 } from './x1.ts';

interface KnownFault {
  id: string;
  what: string;
  /** Times in `npm test`. */
  small: number;
  /** Times by `npm run faults`. */
  large: number;
  run: Fault;
}

export const FAULTS: readonly KnownFault[] = [
  { id: 'F1', what: 'the node is killed, in recovery too', small: 30, large: 1_000, run: f1 },
  {
    id: 'F2',
    what: 'the node is killed at every system call that writes',
    small: 10,
    large: 10_000,
    run: f2,
  },
  {
    id: 'F3',
    what: 'a host is killed, and the node between record and start',
    small: 10,
    large: 200,
    run: f3,
  },
  { id: 'F4', what: 'every network fault on every kind of link', small: 1, large: 20, run: f4 },
  { id: 'F5', what: 'a relay is killed, two configured', small: 5, large: 300, run: f5 },
  {
    id: 'F6',
    what: "malformed frames to the node's listeners and decoders",
    small: 2_000,
    large: 100_000,
    run: f6,
  },
  { id: 'F6M', what: 'malformed frames to the mesh', small: 2_000, large: 100_000, run: f6Mesh },
  { id: 'F6R', what: 'malformed frames to the relay', small: 2_000, large: 100_000, run: f6Relay },
  { id: 'F7', what: 'viewers that do not read', small: 1, large: 50, run: f7 },
  { id: 'F7R', what: 'peers that do not read, through a relay', small: 1, large: 25, run: f7Relay },
  { id: 'F8', what: 'recorded visits of every role, sent again', small: 1, large: 20, run: f8 },
  { id: 'F9', what: 'canaries searched in all that the relay sees', small: 1, large: 20, run: f9 },
  { id: 'F10', what: 'damaged files, full disks, clocks that jump', small: 12, large: 1_250, run: f10 },
  { id: 'F11', what: 'a hundred devices use one ticket at once', small: 1, large: 100, run: f11 },
  { id: 'A1', what: 'the node is killed in the middle of turns', small: 3, large: 50, run: a1 },
  { id: 'A1R', what: 'the same, with the real agents', small: 1, large: 12, run: a1Real },
  { id: 'A2', what: 'agents and their hosts are killed', small: 5, large: 100, run: a2 },
  { id: 'A4', what: 'agents that misbehave, and print without end', small: 16, large: 1_024, run: a4 },
  { id: 'W1', what: 'two real agents edit the same file at once', small: 4, large: 200, run: w1 },
  {
    id: 'X1',
    what: 'a job over three machines, cut and killed in the middle',
    small: 1,
    large: 100,
    run: x1,
  },
  { id: 'W5', what: 'the same, each in a worktree, landing at once', small: 2, large: 200, run: w5 },
];
