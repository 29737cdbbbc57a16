/** A relay as a program: starts it, says where it is, and ends it gracefully when asked. */
import fs from 'node:fs';
import { ERROR_CODES, SkeinError } from '@skein/protocol/errors';
import { usageSentence } from '@skein/protocol/text/usage';
import { CommanderError } from 'commander';
import pino from 'pino';
import { makeCommand, optionsOf, type Words } from './command.ts';
import { type Relay, startRelay } from './relay.ts';

/** Parses the words and runs until a signal ends it; `argv` as a process has it. What is wrong ends the process with its status. */
export async function runRelay(argv: readonly string[], version: string): Promise<void> {
  const command = makeCommand(version)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  try {
    await command.action(run).parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    const message = `${usageSentence(error.message)} See: --help`;
    fail(new SkeinError('bad_request', message), argv.includes('--json'));
  }
}

async function run(words: Words): Promise<void> {
  // Stdout has one line for programs; the log is for whoever keeps the relay.
  const log = pino(
    { level: words.logLevel, base: { pid: process.pid } },
    pino.destination({ dest: 2, sync: true }),
  );
  try {
    const relay = await startRelay(optionsOf(words, process.env, log));
    listenToSignals(relay, log);
    if (words.url === undefined && ['0.0.0.0', '::'].includes(words.host))
      log.warn(
        `Nobody else finds ${words.host}: give nodes an address of this machine, or say it with --url.`,
      );
    const { id, address } = relay;
    say(words.json ? JSON.stringify({ url: address, relay: id, pid: process.pid }) : `ready ${address}`);
  } catch (thrown) {
    fail(friendly(thrown, words), words.json === true);
  }
}

/** Tells what is wrong, and ends with its status. */
function fail(error: SkeinError, json: boolean): never {
  const told = json ? JSON.stringify({ error: error.toBody() }) : `skein-relay: ${error.message}`;
  fs.writeSync(2, `${told}\n`);
  process.exit(ERROR_CODES[error.code]);
}

/** The first signal waits for those who are connected; a second one does not. */
function listenToSignals(relay: Relay, log: pino.Logger): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      void relay.stop().then(() => process.exit(0));
    });
  process.on('SIGHUP', () => {
    const wrong = relay.reload();
    for (const error of wrong) log.error({ code: error.code }, error.message);
    if (wrong.length === 0) log.info('reloaded');
  });
}

function friendly(thrown: unknown, { host, port }: Words): SkeinError {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  if (thrown instanceof SkeinError) return thrown;
  if (code === 'EADDRINUSE')
    return new SkeinError(
      'already_running',
      `Port ${port} of ${host} is taken. Choose another: --port 0 takes any.`,
    );
  if (code === 'EACCES')
    return new SkeinError('not_allowed', `You may not listen on port ${port}. Choose one above 1023.`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new SkeinError('bad_request', `${host} is no address of this machine.`);
  return SkeinError.from(thrown);
}

function say(line: string): void {
  try {
    fs.writeSync(1, `${line}\n`);
  } catch {
    // Nobody listens.
  }
}
