/**
 * The agent programs that tests are held against: `npm run agents:install`, or with words `-- codex-acp`, `-- --all`,
 * `-- --force`; `node scripts/agents.ts ls` tells what is there. Never part of `npm install`: it is 1.1 GB.
 */
import { InstallError, installAgent } from './agents/install.ts';
import { AGENT_NAMES, type AgentName, isAgentName, PINS } from './agents/pins.ts';
import { agentCache, agentDirectory, agentPath, readStamp } from './agents/places.ts';

const USAGE = 'agents.ts install [--all] [--force] [name …] | ls\n';

const [verb, ...rest] = process.argv.slice(2);
const flags = rest.filter((word) => word.startsWith('-'));
const names = rest.filter((word) => !word.startsWith('-'));

function usage(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}known agents: ${AGENT_NAMES.join(' ')}\n`);
  process.exit(2);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function chosen(): AgentName[] {
  const unknown = names.find((name) => !isAgentName(name));
  if (unknown !== undefined) usage(`no agent is called ${unknown}`);
  if (flags.includes('--all')) return AGENT_NAMES;
  if (names.length > 0) return names.filter(isAgentName);
  return AGENT_NAMES.filter((name) => !PINS[name].optional);
}

function list(): void {
  for (const name of AGENT_NAMES) {
    const { path, missing } = agentPath(name);
    const size = megabytes(readStamp(agentDirectory(name))?.bytes ?? 0);
    const told = missing === undefined ? `${size.padStart(7)}  ${path}` : missing;
    process.stdout.write(`${name.padEnd(11)} ${PINS[name].version.padEnd(9)} ${told}\n`);
  }
}

async function install(): Promise<void> {
  const wanted = chosen();
  const force = flags.includes('--force');
  const todo = wanted.filter((name) => force || agentPath(name).missing !== undefined);
  const expected = todo.reduce((sum, name) => sum + PINS[name].megabytes, 0);
  if (todo.length > 0) process.stderr.write(`about ${expected} MB into ${agentCache()}\n`);
  for (const name of wanted) {
    const label = `${name} ${PINS[name].version}`;
    const bar = process.stderr.isTTY === true;
    const progress = (done: number) =>
      bar && process.stderr.write(`\r  ${label}: ${done} of about ${PINS[name].megabytes} MB `);
    // A stamp whose program is gone does not count as installed.
    const { installed, fetched } = await installAgent(name, { force: todo.includes(name), progress });
    const end = fetched ? 'installed' : 'is there already';
    process.stderr.write(`${bar ? '\r\x1b[K' : ''}  ${label} ${end}, ${megabytes(installed.bytes)}\n`);
  }
}

const unknownFlag = flags.find((flag) => flag !== '--all' && flag !== '--force');
if (unknownFlag !== undefined) usage(`no such option: ${unknownFlag}`);
try {
  if (verb === 'ls') list();
  else if (verb === 'install') await install();
  else usage(verb === undefined ? 'what should be done?' : `no such command: ${verb}`);
} catch (error) {
  if (!(error instanceof InstallError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
