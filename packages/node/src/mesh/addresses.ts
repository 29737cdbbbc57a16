/** Addresses as people, tickets and libp2p write them. Pure, but for the making of multiaddrs. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { SkeinError } from '@skein/protocol/errors';
import type { RelayAddress } from '@skein/protocol/relay/address';
import { ADDRESS_MAX, ADDRESSES_MAX } from './tunnels/limits.ts';

const HOST_NAME = /^(?=.{1,253}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;
const HOST_KINDS = ['ip4', 'ip6', 'dns', 'dns4', 'dns6'];

/** Where to listen, from `host:port`, `[v6]:port` or a multiaddr. Throws `bad_address`. */
export function listenAddress(text: string): Multiaddr {
  const address = text.startsWith('/') ? directAddress(text) : fromHostPort(text);
  if (address === undefined) {
    const message = `${JSON.stringify(text.slice(0, 80))} is nowhere to listen. It looks like 127.0.0.1:0, [::]:4040 or /ip4/0.0.0.0/tcp/4040.`;
    throw new SkeinError('bad_address', message);
  }
  return address;
}

/**
 * The multiaddr of a plain TCP address, without PeerId; undefined for any other. What a ticket or a peer names is dialled,
 * so nothing else may get through: no unix socket, no other transport.
 */
function directAddress(text: string): Multiaddr | undefined {
  if (text.length > ADDRESS_MAX) return undefined;
  try {
    const parts = multiaddr(text).getComponents();
    const [host, tcp, peer] = parts;
    if (host === undefined || tcp?.name !== 'tcp' || parts.length > 3) return undefined;
    if (!HOST_KINDS.includes(host.name) || (peer !== undefined && peer.name !== 'p2p')) return undefined;
    return multiaddr(`/${host.name}/${host.value ?? ''}/tcp/${tcp.value ?? ''}`);
  } catch {
    return undefined;
  }
}

/** Those that can be dialled, each once, in the order given, and no more than a peer may name. */
export function directAddresses(texts: readonly string[]): string[] {
  const found = texts.map((text) => directAddress(text)?.toString());
  return [...new Set(found.filter((text) => text !== undefined))].slice(0, ADDRESSES_MAX);
}

/** In which order addresses are told: those that others can reach first, loopback last. */
export function byReach(addresses: readonly string[]): string[] {
  const local = (text: string) => /^\/(ip4\/127\.|ip6\/::1\/|dns[46]?\/localhost\/)/.test(text);
  return [...addresses.filter((text) => !local(text)), ...addresses.filter(local)];
}

/** A peer behind a relay, as libp2p writes it: the last PeerId is the one that Noise must prove. */
export function relayedAddress(relay: RelayAddress, relayId: string, peer: string): Multiaddr {
  const host = isIPv4(relay.host)
    ? `/ip4/${relay.host}`
    : isIPv6(relay.host)
      ? `/ip6/${relay.host}`
      : `/dns/${relay.host}`;
  const web = relay.secure ? '/tls/ws' : '/ws';
  return multiaddr(`${host}/tcp/${relay.port}${web}/p2p/${relayId}/p2p-circuit/p2p/${peer}`);
}

function fromHostPort(text: string): Multiaddr | undefined {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const [, v6, plain, port] = found ?? [];
  if (port === undefined || Number(port) > 65535) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? multiaddr(`/ip6/${v6}/tcp/${port}`) : undefined;
  if (plain === undefined) return undefined;
  if (isIPv4(plain)) return multiaddr(`/ip4/${plain}/tcp/${port}`);
  return HOST_NAME.test(plain) ? multiaddr(`/dns/${plain}/tcp/${port}`) : undefined;
}
