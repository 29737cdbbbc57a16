/** The drivers there are, by the names that definitions call them by (rule A1). */
import { SkeinError } from '@skein/protocol/errors';
import { acp } from '../drivers/acp/step.ts';
import { claude } from '../drivers/claude/step.ts';
import { codex } from '../drivers/codex/step.ts';
import type { Driver } from '../drivers/driver.ts';
import { pty } from '../drivers/pty/step.ts';

// A driver is only ever given states that it has made itself (see restore), so whose state it is need not be known here.
const DRIVERS: Record<string, Driver> = {
  acp: acp,
  claude: claude,
  codex: codex,
  pty: pty,
};

/** Throws `driver_mismatch`: by a definition of a later release, most likely. */
export function driverOf(name: string): Driver {
  const driver = Object.hasOwn(DRIVERS, name) ? DRIVERS[name] : undefined;
  if (driver !== undefined) return driver;
  const known = Object.keys(DRIVERS);
  throw new SkeinError('driver_mismatch', `There is no driver "${name}"; there are ${known.join(', ')}.`, {
    known,
  });
}
