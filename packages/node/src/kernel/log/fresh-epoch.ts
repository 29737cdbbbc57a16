/** The number of a new epoch. */
import { randomInt } from 'node:crypto';

/**
 * Random, not counted: a log restored twice from the same copy would otherwise give the same number to two
 * different histories, and an old cursor would fit the wrong one.
 */
export function freshEpoch(): number {
  return randomInt(1, 2 ** 47);
}
