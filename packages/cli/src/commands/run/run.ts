/** Starts a program in a new session; then attaches, waits for it, or leaves it alone. */
import path from 'node:path';
import { settleProgram } from '@skein/client/settle-program';
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { newId } from '@skein/protocol/ids';
import { MAX_JOURNAL_BYTES, MIN_JOURNAL_BYTES } from '@skein/protocol/limits';
import type { SandboxClaim } from '@skein/protocol/workspaces/placed';
import { isDefinition } from '../../agents/definition-there.ts';
import { DIRECT_NAMES } from '../../agents/direct.ts';
import { checkWhere, whereOf } from '../../agents/where.ts';
import { attachTo } from '../../attach/attach.ts';
import { hasTerminal, terminalSize } from '../../attach/user-terminal.ts';
import { detachKeys } from '../../connect/config.ts';
import { copyOutput } from '../../connect/copy-output.ts';
import { callersEnvironment } from '../../connect/environment.ts';
import { here } from '../../connect/here.ts';
import { connectNode } from '../../connect/node.ts';
import { parseBytes } from '../../invocation/bytes.ts';
import { type Call, parseSize } from '../../invocation/call.ts';
import { endBy } from '../../output/end-by.ts';
import { statusOf } from '../../output/how-it-ended.ts';
import { complain, print, printJson } from '../../output/write.ts';

/** Milliseconds for which a node that restarts is waited for. */
const RETRY_MS = 60_000;
const LEAVING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function run(call: Call): Promise<number> {
  const argv = call.args('command');
  const [only] = argv;
  const cwdGiven = path.resolve(call.text('cwd') ?? here());
  if (call.flag('pty')) {
    checkProgram(call);
    const [definition, ...args] = argv;
    if (definition === undefined)
      throw new SkeinError('bad_request', '--pty is for an agent. Name one: skein agent ls');
    const pty = sizeOf(call.text('size'));
    return (await import('./agent.ts')).runAgent(call, { definition, args, pty }, cwdGiven);
  }
  const elsewhere = call.text('on') !== undefined;
  const isAgent = () => elsewhere || isDefinition(only ?? '', call.home, cwdGiven);
  if (only !== undefined && argv.length === 1 && !call.verbatim && isAgent()) {
    checkProgram(call);
    return (await import('./agent.ts')).runAgent(call, { definition: only }, cwdGiven);
  }
  for (const option of ['as', 'model', 'mode', 'prompt', 'resume', ...DIRECT_NAMES])
    if (call.text(option) !== undefined || call.flag(option))
      throw new SkeinError('bad_request', `--${option} is for agents, such as claude; this runs a program.`, {
        see: 'skein agent ls',
      });
  checkWhere(call, false);
  const sandbox = sandboxOf(call);
  if (argv.length === 0) argv.push(process.env.SHELL || '/bin/sh');
  const env = callersEnvironment(call.home, call.texts('env'));
  const size = sizeOf(call.text('size'));
  const keep = parseBytes('keep', call.text('keep'), MIN_JOURNAL_BYTES, MAX_JOURNAL_BYTES);
  const name = call.text('name');
  const attaches = !call.json && !call.flag('detach') && hasTerminal();
  // Wrong keys are told before anything has begun that nobody then looks at.
  if (attaches) detachKeys(call.home);
  const client = await connectNode(call.home);
  const { workspace } = await whereOf(call, client);
  const { handle } = await client.ask('env', { vars: env });
  const id = newId();
  // In a workspace, from its root.
  const where = workspace === undefined ? { cwd: cwdGiven } : { workspace, cwd: call.text('cwd') ?? '.' };
  const body = {
    id,
    run: newId(),
    argv,
    ...where,
    ...sandbox,
    ...size,
    ...(keep === undefined ? {} : { keep }),
    env: handle,
  };
  const reply = await client.command('node', 'session.create', name === undefined ? body : { ...body, name });
  const started = reply as { id: string; name: string; run: string };
  await settleProgram(client, id);
  if (attaches) return attachTo(call.home, id, false);
  if (!call.json && !call.flag('detach')) return follow(call.home, client, started);
  if (call.json) printJson(started);
  else print(id);
  return 0;
}

/** Of an agent, throws `bad_request` for what only programs can have. */
function checkProgram(call: Call): void {
  if (call.text('keep') !== undefined)
    throw new SkeinError('bad_request', '--keep is for programs: what agents say is kept whole.');
  if (!call.flag('sandbox')) return;
  const message =
    '--sandbox is for programs. What an agent shows itself is one when it comes after --: skein run -w NAME --sandbox -- claude';
  throw new SkeinError('bad_request', message);
}

/** What a program may write in its sandbox; nothing without one. */
function sandboxOf(call: Call): { sandbox?: SandboxClaim } {
  const globs = call.texts('claim');
  if (!call.flag('sandbox')) {
    if (globs.length === 0) return {};
    throw new SkeinError('bad_request', '--claim goes with --sandbox.', { see: 'skein run --help' });
  }
  if (call.text('workspace') === undefined)
    throw new SkeinError('bad_request', '--sandbox goes with --workspace NAME.');
  return { sandbox: { claim: newId(), globs } };
}

function sizeOf(given: string | undefined): { cols: number; rows: number } {
  if (given !== undefined) return parseSize(given);
  return hasTerminal() ? terminalSize() : { cols: 80, rows: 24 };
}

/** Without a terminal: prints what it prints, and ends as it ends. Told to end before, it says that the program goes on. */
async function follow(
  home: string,
  client: Client,
  { id, name }: { id: string; name: string },
): Promise<number> {
  const leave = (signal: NodeJS.Signals) => {
    complain(`"${name}" goes on. To see it: skein attach ${name}. To end it: skein stop ${name}`);
    endBy(signal);
  };
  for (const signal of LEAVING) process.on(signal, leave);
  await copyOutput({ client, id, node: undefined }, { from: 0, follow: true });
  client.close();
  // Its output came from its host: the node may be another one by now, or none (H1).
  const now = await connectNode(home, { retryFor: RETRY_MS });
  const { run } = await now.ask('ended', { ref: id });
  if (run?.state === 'exited') return statusOf(run);
  throw new SkeinError('host_lost', run?.why ?? 'The program was lost.');
}
