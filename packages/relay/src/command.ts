/** The words of `skein-relay`, and what they mean. */
import { SkeinError } from '@skein/protocol/errors';
import { parseRelayAddress } from '@skein/protocol/relay/address';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Logger } from 'pino';
import { defaultKeyFile } from './identity.ts';
import { DEFAULT_QUOTAS, type Quotas } from './quotas.ts';
import { DEFAULT_GRACE_MS, DEFAULT_HOST, DEFAULT_PORT, type RelayOptions } from './relay.ts';

/** The environment variable that may hold the admission token; argv may not, because every user can read it. */
const TOKEN_VARIABLE = 'SKEIN_RELAY_TOKEN';

const MAX_PORT = 65_535;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export interface Words {
  host: string;
  port: number;
  key?: string;
  url?: string;
  tlsCert?: string;
  tlsKey?: string;
  trustProxy?: true;
  allow?: string;
  tokenFile?: string;
  guests?: true;
  grace: number;
  json?: true;
  logLevel: (typeof LOG_LEVELS)[number];
  logAddresses?: true;
  /** And the quotas, by their names in quotas.ts. */
  [quota: string]: unknown;
}

/** The quotas that have a word of their own, with what they count. */
const QUOTA_WORDS: readonly [
  word: string,
  quota: keyof Quotas,
  kind: 'count' | 'bytes' | 'seconds',
  help: string,
][] = [
  ['max-connections', 'connections', 'count', 'sockets in all'],
  ['max-nodes', 'nodes', 'count', 'registered nodes and devices'],
  ['max-nodes-per-address', 'nodesPerAddress', 'count', 'those from one address'],
  ['max-splices', 'splices', 'count', 'relayed connections in all'],
  ['max-splices-per-peer', 'splicesPerPeer', 'count', 'relayed connections that one peer has dialled'],
  ['max-dials', 'pending', 'count', 'dials under way in all'],
  ['max-dials-per-peer', 'pendingPerPeer', 'count', 'dials under way by one peer'],
  ['max-dials-for-peer', 'pendingForPeer', 'count', 'dials under way for one peer'],
  ['rate', 'rate', 'bytes', 'bytes a second in all, such as 50M; 0 for no limit'],
  ['rate-per-peer', 'ratePerPeer', 'bytes', 'bytes a second of one peer; 0 for no limit'],
  ['max-newcomers', 'newcomers', 'count', 'connections that have proved nothing yet'],
  ['max-newcomers-per-address', 'newcomersPerAddress', 'count', 'those from one address'],
  ['idle', 'idleMs', 'seconds', 'seconds without a byte after which a relayed connection is cut'],
];

export function makeCommand(version: string): Command {
  const command = new Command('skein-relay')
    .description('Brings together Skein nodes that cannot reach each other. It can read nothing that passes.')
    .version(version)
    .option('--host <address>', 'where to listen; 0.0.0.0 or :: for everywhere', DEFAULT_HOST)
    .option('--port <number>', 'which port; 0 for any that is free', port, DEFAULT_PORT)
    .option('--key <file>', 'the key of the relay, made at the first start (default: in the state directory)')
    .option('--url <url>', 'the address that people use, when a proxy stands before the relay')
    .option('--tls-cert <file>', 'certificate chain (PEM); read again at SIGHUP')
    .option('--tls-key <file>', 'its private key (PEM)')
    .option('--trust-proxy', 'believe the last address of X-Forwarded-For')
    .option('--allow <file>', 'admit these PeerIds alone, one a line; read again at SIGHUP')
    .option('--token-file <file>', `admit who knows this token (or ${TOKEN_VARIABLE} in the environment)`)
    .option('--guests', 'let those who are not admitted dial those who are')
    .addOption(
      new Option('--grace <seconds>', 'how long a stop waits for relayed connections')
        .argParser(seconds)
        .default(DEFAULT_GRACE_MS, String(DEFAULT_GRACE_MS / 1000)),
    )
    .option('--json', 'print one line of JSON when ready')
    .addOption(
      new Option('--log-level <level>', 'how much to log, on stderr').choices(LOG_LEVELS).default('info'),
    )
    .option('--log-addresses', 'show in the log where peers come from');
  for (const [word, quota, kind, help] of QUOTA_WORDS) {
    const usual = DEFAULT_QUOTAS[quota];
    const shown = kind === 'seconds' ? usual / 1000 : usual;
    command.addOption(
      new Option(`--${word} <${kind}>`, help).argParser(PARSERS[kind]).default(usual, String(shown)),
    );
  }
  return command;
}

/** Throws `bad_request` for words that do not go together. */
export function optionsOf(words: Words, env: NodeJS.ProcessEnv, log: Logger): RelayOptions {
  const { tlsCert, tlsKey, url, allow, tokenFile } = words;
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SkeinError('bad_request', '--tls-cert and --tls-key go together.');
  // One that is set and empty was meant to be a token: it is refused as too short, rather than letting everybody in.
  const token = env[TOKEN_VARIABLE];
  const admits = allow !== undefined || tokenFile !== undefined || token !== undefined;
  // Whoever says it wants others kept out: without an admission nobody would be.
  if (words.guests === true && !admits)
    throw new SkeinError(
      'bad_request',
      '--guests goes with --allow, or with an admission token: without either, anybody may register.',
    );
  const quotas: Partial<Quotas> = {};
  for (const [word, quota] of QUOTA_WORDS) quotas[quota] = words[camel(word)] as number;
  return {
    host: words.host,
    port: words.port,
    keyFile: words.key ?? defaultKeyFile(env),
    ...(url === undefined ? {} : { url: parseRelayAddress(url).url }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } }),
    trustProxy: words.trustProxy === true,
    admission: {
      ...(allow === undefined ? {} : { allowFile: allow }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(token === undefined ? {} : { token }),
      guests: words.guests === true,
    },
    quotas,
    graceMs: words.grace,
    logAddresses: words.logAddresses === true,
    log,
  };
}

const camel = (word: string) => word.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('This must be a whole number.');
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= MAX_PORT) return Number(text);
  throw new InvalidArgumentError(`This must be a port, 0 to ${MAX_PORT}.`);
}

function seconds(text: string): number {
  if (/^\d{1,6}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  throw new InvalidArgumentError('This must be a number of seconds.');
}

/** `500k`, `10M`, `1G`: powers of a thousand, as networks are measured. */
function byteCount(text: string): number {
  const [, digits, unit] = /^(\d{1,12})([kMG]?)$/.exec(text) ?? [];
  if (digits === undefined)
    throw new InvalidArgumentError('This must be a number of bytes, such as 500k or 10M.');
  return Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'k' | 'M' | 'G'];
}

const PARSERS = { count, bytes: byteCount, seconds };
