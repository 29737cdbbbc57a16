/** Losses of a way to a program that another try may mend; whatever else refuses would refuse again. */
import { type ErrorCode, PASSING } from '@skein/protocol/errors';

export const MENDABLE: readonly ErrorCode[] = [...PASSING, 'host_lost', 'timeout'];
