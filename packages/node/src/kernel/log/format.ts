/** Of which format the log is that this build writes. An earlier one is brought up to it; a later one it cannot read. */
export const LOG_FORMAT = 3;
