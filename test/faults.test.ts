/** The fault tests in small numbers; `npm run faults` runs the large ones. What must hold is told in each module. */
import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults/all.ts';
import { condition, linux, needs } from './support/needs.ts';
import { straceMissing } from './support/strace.ts';

const SEED = 20_260;
const PATIENCE_MS = 120_000;

/** Runs one fault in its small number; what it skipped inside is told where the output is read. */
async function held(id: string): Promise<void> {
  const fault = FAULTS.find((known) => known.id === id);
  if (fault === undefined) throw new Error(`there is no fault ${id}`);
  const { failures, skipped } = await fault.run({
    count: fault.small,
    seed: SEED,
    timing: false,
    log: () => {},
  });
  for (const reason of skipped) process.stderr.write(`${id}: skipped: ${reason}\n`);
  expect(failures).toEqual([]);
}

needs(linux)('faults', () => {
  it(
    '[F1][L1][L2][K2][H1][H2][H4] kill -9 of the node loses nothing, repeats nothing, and is not noticed by a viewer',
    () => held('F1'),
    PATIENCE_MS,
  );
  it(
    '[F3][H1][H4] kill -9 of a host loses its runs alone, leaves no orphan and touches no stranger',
    () => held('F3'),
    PATIENCE_MS,
  );
  it(
    '[F5][M5][C4][H3] kill -9 of the relay in use: the other one serves, nothing is lost and nothing doubled',
    () => held('F5'),
    PATIENCE_MS,
  );
  it(
    '[F6][C2][C5][K5] malformed frames get a typed error and a closed door, and hold up nobody',
    () => held('F6'),
    PATIENCE_MS,
  );
  it(
    '[F7][L3][C2] a frozen reader costs the others nothing and goes on without loss',
    () => held('F7'),
    PATIENCE_MS,
  );
  it(
    '[F6M][C2][C5][K5][M3] malformed bytes at the port, the tunnels and the channels of a node, and wrong tickets, get no further',
    () => held('F6M'),
    PATIENCE_MS,
  );
  it(
    '[F6R][C5][K5][R3] malformed frames at a relay get a typed error and a closed door, and hold up nobody',
    () => held('F6R'),
    PATIENCE_MS,
  );
  it(
    '[F7R][R1][C2] a frozen reader among fifty splices costs the relay little and the others nothing',
    () => held('F7R'),
    PATIENCE_MS,
  );
  it(
    '[F8][M1][M2][K2][H3][R1] a recorded visit sent again, frame by frame and byte by byte, changes nothing',
    () => held('F8'),
    PATIENCE_MS,
  );
  it(
    '[F9][M1][R1][R2] a relay holds nothing of a session in traffic, memory or files, and would be caught if it did',
    () => held('F9'),
    PATIENCE_MS,
  );
  it(
    '[F10][L2][L6][H2] a full disk, a damaged log and a moved clock lose nothing that was acknowledged',
    () => held('F10'),
    PATIENCE_MS,
  );
  it(
    '[F11][M3] of a hundred devices with one ticket one gets in, direct and relayed; revoked, it is cut off and stays out',
    () => held('F11'),
    PATIENCE_MS,
  );
  it(
    '[A2][A4][A5][H1][H3] kill -9 of the node in the middle of turns: they end as they would have, each byte told once',
    () => held('A1'),
    PATIENCE_MS,
  );
  it(
    '[A1][A2][A4][A5][H1] kill -9 of the node in the middle of turns of the real agents: they end as they would have',
    () => held('A1R'),
    PATIENCE_MS,
  );
  it(
    '[A6][A5][H4][K4] kill -9 of agents, of their host, and of the node with them: recorded, resumed, no prompt told twice',
    () => held('A2'),
    PATIENCE_MS,
  );
  it(
    '[A1][A2][A6][C2][H2] agents that misbehave are told by typed events, cost little, and leave their session usable',
    () => held('A4'),
    PATIENCE_MS,
  );
});

needs(condition(straceMissing() === undefined, straceMissing() ?? ''))('faults at system calls', () => {
  it(
    '[F2][L2][K4] the node dies at its system calls, and no acknowledgement leaves before the disk has it',
    () => held('F2'),
    PATIENCE_MS,
  );
});

describe('the list of faults', () => {
  it('names each once', () => {
    expect(new Set(FAULTS.map(({ id }) => id)).size).toBe(FAULTS.length);
  });
});
