/** The line by which another machine finds this node, and what keeps it from being of use there. */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { decodeLocator } from '@skein/protocol/peers/locator';
import { waiting } from './waiting.ts';

/** Milliseconds in which relays must have let the node in, to be named as places that work. */
export const RELAY_MS = 8_000;

export interface Warning {
  message: string;
  advice: string;
}

interface FoundBy {
  /** Null while the mesh is off. */
  locator: string | null;
  warning?: Warning | undefined;
}

export async function foundBy(client: Client): Promise<FoundBy> {
  try {
    await waiting('waiting for relays', client.ask('mesh', { wait: RELAY_MS }));
    const { locator } = await client.ask('locator', {});
    return { locator, warning: alone('this line', decodeLocator(locator)) };
  } catch (thrown) {
    if (SkeinError.from(thrown).code !== 'mesh_off') throw thrown;
    const advice = 'Turn that on: skein mesh --on. Then: skein node show';
    return { locator: null, warning: { message: 'nobody finds this node yet.', advice } };
  }
}

/** Undefined where the places that `what` names can be reached from elsewhere. */
export function alone(
  what: string,
  { relays, addrs }: { relays: readonly string[]; addrs: readonly string[] },
): Warning | undefined {
  const beyond = addrs.some((address) => !/^\/ip[46]\/(127\.|::1)/.test(address));
  if (relays.length > 0 || beyond) return undefined;
  return {
    message: `${what} works on this machine alone.`,
    advice: 'Add a relay (skein mesh --relay wss://…), or listen further (skein mesh --listen 0.0.0.0:7001).',
  };
}
