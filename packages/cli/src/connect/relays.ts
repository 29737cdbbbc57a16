/** Relays and places as they are typed and told. */
import type { MeshAnswer } from '@skein/protocol/peers/asks';
import { formatRelayAddress, parseRelayAddress } from '@skein/protocol/relay/address';
import type { Call } from '../invocation/call.ts';

/** The relays that an option names; throws `bad_relay_address` with what is wrong with one. */
export function relaysOf(call: Call, option: string): string[] {
  return call.texts(option).map((text) => formatRelayAddress(parseRelayAddress(text)));
}

/** One relay in a line: where, and whether it lets this node in. */
export function relayText({ url, state, error }: MeshAnswer['relays'][number]): string {
  return `${url}, ${state}${error === undefined ? '' : `: ${error}`}`;
}

/** A multiaddr as people write it: `127.0.0.1:7001`, `[::1]:7001`; any other as it is. */
export function placeText(address: string): string {
  const [, family, host, port] = /^\/(ip4|ip6|dns[46]?)\/([^/]+)\/tcp\/(\d+)$/.exec(address) ?? [];
  if (host === undefined) return address;
  return family === 'ip6' ? `[${host}]:${port}` : `${host}:${port}`;
}
