/** Checks of how this node meets others: the mesh, each relay, the nodes that were joined. */
import type { MeshAnswer, NodeAnswer } from '@skein/protocol/peers/asks';
import { placeText } from '../../connect/relays.ts';
import { type Check, fail, ok, warn } from './check.ts';

type Relay = MeshAnswer['relays'][number];

/** Nothing of it is a fault where nobody is to be met. */
export function checkMesh(mesh: MeshAnswer, nodes: readonly NodeAnswer[]): Check[] {
  const { on, error, addrs, relays } = mesh;
  const lacks =
    error === undefined
      ? []
      : [
          fail(
            'mesh',
            error,
            'Listen elsewhere: skein mesh --listen HOST:PORT, or default. Or: skein mesh --off',
          ),
        ];
  if (!on) return lacks.length > 0 ? lacks : [ok('mesh', 'Off: this node meets no others')];
  const places = addrs.length === 0 ? 'listens nowhere' : `listens at ${addrs.map(placeText).join(', ')}`;
  return [...lacks, ok('mesh', `On, ${places}`), ...relays.map(checkRelay), ...checkNodes(nodes)];
}

function checkRelay({ url, state, error, code, rtt }: Relay): Check {
  const giveUp = `skein mesh --no-relay ${url}`;
  if (code === 'identity_unsafe')
    return fail(
      'relay',
      error ?? 'Another node has the key of this one.',
      'Who comes by that relay meets now the one, now the other.',
    );
  if (state === 'registered')
    return ok('relay', `${url}, registered${rtt === undefined ? '' : `, ${Math.ceil(rtt)} ms`}`);
  if (state === 'refused')
    return fail(
      'relay',
      `${url} does not let this node in: ${error ?? 'it does not say why'}`,
      `${refusedAdvice(url, code)} Or give it up: ${giveUp}`,
    );
  return warn(
    'relay',
    `${url} cannot be reached${error === undefined ? '' : `: ${error}`}`,
    `Is it up, and its address right? This node goes on trying. To give it up: ${giveUp}`,
  );
}

/** There is one reason that the relay's keeper can do nothing about. */
function refusedAdvice(url: string, code: Relay['code']): string {
  if (code === 'clock_skewed')
    return "Set this machine's clock; if it is right, tell whoever runs the relay.";
  return `Ask whoever runs it; with a token: skein mesh --relay ${url} --admission FILE.`;
}

/** A node that is asleep is no fault, but worth knowing. */
function checkNodes(nodes: readonly NodeAnswer[]): Check[] {
  const joined = nodes.filter(({ sessions, blocked }) => sessions.length > 0 && !blocked);
  if (joined.length === 0) return [];
  const paths = joined.map(({ name, path }) => `${name} ${path === 'none' ? 'not connected now' : path}`);
  return [ok('nodes', paths.join(', '))];
}
