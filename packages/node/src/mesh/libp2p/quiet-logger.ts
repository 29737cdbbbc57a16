/** A logger for libp2p that says nothing: it would be asked several times a frame, and would log addresses. */
import type { ComponentLogger, Logger } from '@libp2p/interface';

const quiet: Logger = Object.assign(() => {}, {
  error: () => {},
  trace: () => {},
  enabled: false,
  newScope: (): Logger => quiet,
});

export const quietLogger: ComponentLogger = { forComponent: () => quiet };
