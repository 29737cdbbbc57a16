/** `skein mesh`: how this node meets others. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const mesh: CommandSpec = {
  name: 'mesh',
  summary: 'how this node is found by others; turn that on or off',
  details: `Sharing and joining turn it on by themselves. Without --listen it listens on this machine alone.
What is said here is remembered. The exit status is 1 when it cannot be had, as with a relay that
refuses. A place where it cannot listen just now keeps it from nothing else, and is tried again every
few seconds.`,
  args: [],
  options: [
    { name: 'on', summary: 'meet other nodes' },
    { name: 'off', summary: 'meet nobody any more' },
    { name: 'relay', value: 'URL', many: true, summary: 'be found at this relay too' },
    { name: 'admission', value: 'FILE', summary: "the relay's admission token; - reads it from stdin" },
    { name: 'no-relay', value: 'URL', many: true, summary: 'be found there no longer' },
    {
      name: 'listen',
      value: 'HOST:PORT',
      many: true,
      summary: 'listen here, instead of where it listened; or: none, default',
    },
    { name: 'name', value: 'NAME', summary: "what others call this node, instead of the machine's name" },
  ],
  examples: [
    ['skein mesh', 'where it listens, its relays'],
    ['skein mesh --relay wss://relay.example.org', 'be found there'],
    ['skein mesh --relay wss://r.example.org --admission token.txt', 'where the relay asks for a token'],
    ['skein mesh --listen 0.0.0.0:7001', 'be reached directly, from everywhere'],
    ['skein mesh --off', 'meet nobody'],
  ],
  json: `{on, id, name, addrs, listen, relays: [{url, relay, state, error, code, rtt}], error}
  id: this node's PeerId; state: registered | connecting | refused; rtt: ms.
  error: what cannot be had as it was told, as a place to listen, though the rest may be on.`,
  load: () => import('./run.ts'),
};
