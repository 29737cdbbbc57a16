/** Addresses of relays as people write them: `ws://host:port`, `wss://host[:port][/path]`, with `#<PeerId>` to pin the relay. */
import { SkeinError } from '../errors.ts';
import { isPeerId, PEER_ID_LENGTH } from './peer-id.ts';

/** Characters with the pin. Tickets carry several. */
export const MAX_RELAY_ADDRESS = 256;
/** Characters without it: others are told of a relay by its pin, however it was given here. */
const MAX_URL = MAX_RELAY_ADDRESS - '/#'.length - PEER_ID_LENGTH;

export interface RelayAddress {
  /** Without the pin and without a slash at its end; the same relay is always written the same. */
  url: string;
  secure: boolean;
  /** As a socket takes it: an IPv6 address without brackets. */
  host: string;
  port: number;
  /** Before `/control` and the like: empty, or `/relay`, as a proxy has it. */
  path: string;
  /** The relay's PeerId, when it is pinned. */
  relay?: string;
}

/** What can be asked of a relay. */
type RelayPath = 'control' | 'data' | 'data-ws';

/** Throws `bad_relay_address`, saying what is wrong. */
export function parseRelayAddress(text: string): RelayAddress {
  if (text.length > MAX_RELAY_ADDRESS) throw bad(`it has more than ${MAX_RELAY_ADDRESS} characters`, text);
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw bad('it is not a URL', text);
  }
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw bad('it must begin with ws:// or wss://', text);
  if (url.hostname === '') throw bad('it names no host', text);
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw bad('it may hold no user, password or question mark', text);
  const relay = url.hash.slice(1);
  if (relay !== '' && !isPeerId(relay))
    throw bad('what stands after # must be the PeerId of the relay', text);
  const secure = url.protocol === 'wss:';
  const path = url.pathname.replace(/\/+$/, '');
  const address = {
    url: `${url.protocol}//${url.host}${path}`,
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    path,
  };
  if (address.url.length > MAX_URL) throw bad(`it has more than ${MAX_URL} characters before its #`, text);
  return relay === '' ? address : { ...address, relay };
}

export function isRelayAddress(text: string): boolean {
  try {
    parseRelayAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** With its pin where it has one: `ws://127.0.0.1:7000/#12D3…`. */
export function formatRelayAddress(address: Pick<RelayAddress, 'url' | 'relay'>): string {
  return address.relay === undefined ? address.url : `${address.url}/#${address.relay}`;
}

/** The URL of one of a relay's doors. */
export function relayUrl(address: Pick<RelayAddress, 'url'>, path: RelayPath): string {
  return `${address.url}/${path}`;
}

function bad(why: string, text: string): SkeinError {
  const shown = JSON.stringify(text.slice(0, 80));
  return new SkeinError(
    'bad_relay_address',
    `${shown} is no address of a relay: ${why}. One looks like wss://relay.example.org or ws://10.0.0.1:7000.`,
  );
}
