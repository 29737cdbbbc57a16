/** Clients of a program that ends without closing them: what was answered is acknowledged all the same (rule K2). */
import type { Leaving } from '@skein/protocol/client/options';

let listening = false;
const open = new Set<Leaving>();

/** To be given to each client of this process. */
export function leaving(): Set<Leaving> {
  if (!listening) process.on('exit', tell);
  listening = true;
  return open;
}

/** A few bytes, which the system takes at once: nothing is waited for any more. */
function tell(): void {
  for (const client of open) client.acknowledge();
}
