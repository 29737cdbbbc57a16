/** `skein compose` itself, bundled apart from the rest of the program: given a way to the node, it reads, plans and does. */
import type { Client } from '@skein/protocol/client/client';
import { composeSchema } from '@skein/protocol/compose/file';
import { projectName } from '@skein/protocol/compose/label';
import { SkeinError } from '@skein/protocol/errors';
import { waiting } from '../connect/waiting.ts';
import { paintFor } from '../output/paint.ts';
import { complain, print, printJson } from '../output/write.ts';
import type { Action, Plan } from './action.ts';
import { apply } from './apply.ts';
import { gather } from './gather.ts';
import { planUp } from './plan.ts';
import { planDown } from './plan-down.ts';
import type { Present } from './present.ts';
import { Problems } from './problems.ts';
import { type ReadFile, readCompose } from './read.ts';
import { readSource } from './source.ts';
import { checkSurroundings } from './surroundings.ts';
import { countText, planText, rowsOf, rowsText } from './text.ts';
import { type Wanted, wantedOf } from './wanted.ts';

export interface ComposeCall {
  action: string;
  file: string | undefined;
  project: string | undefined;
  home: string;
  json: boolean;
  noColor: boolean;
  restart: boolean;
  prune: boolean;
  remove: boolean;
  purge: boolean;
  /** Of whoever calls. */
  env: Record<string, string>;
  /** Connects to the node, which is started if there is none. */
  connect(): Promise<Client>;
}

/** Resolves with the exit status. */
export async function compose(call: ComposeCall): Promise<number> {
  switch (call.action) {
    case 'schema':
      print(JSON.stringify(composeSchema(), null, 2));
      return 0;
    case 'check':
      return check(call);
    case 'up':
      return up(call);
    case 'diff':
      return diff(call);
    case 'ps':
      return ps(call);
    case 'down':
      return down(call);
    default:
      throw new SkeinError(
        'bad_request',
        `There is up, down, ps, diff, check and schema, not "${call.action}".`,
        {
          see: 'skein compose --help',
        },
      );
  }
}

interface Read {
  called: string;
  read: ReadFile;
  wanted: Wanted;
}

/** The file, and that all is there which it names here. Throws `definition_invalid` with all that is wrong. */
async function load({ file, project, home, env }: ComposeCall): Promise<Read> {
  const { called, base, text } = await readSource(file);
  const read = readCompose(called, text, env, project === undefined ? undefined : checked(project));
  const wanted = wantedOf(read.file, base);
  const problems = new Problems();
  checkSurroundings(read, wanted, { home, env }, problems);
  problems.check(called);
  return { called, read, wanted };
}

function checked(project: string): string {
  if (projectName.safeParse(project).success) return project;
  const message = `"${project}" cannot be a project's name: small letters, digits, ".", "_", "-", a letter or digit first.`;
  throw new SkeinError('bad_name', message);
}

async function check(call: ComposeCall): Promise<number> {
  const { called, wanted } = await load(call);
  const { project, workspaces, sessions } = wanted;
  const agents = Object.values(sessions).flatMap((one) => Object.keys(one.agents));
  const counts = {
    workspaces: Object.keys(workspaces).length,
    sessions: Object.keys(sessions).length,
    agents: agents.length,
  };
  if (call.json) printJson({ file: called, project, ...counts });
  else {
    const words = Object.entries(counts).map(([what, n]) => `${n} ${n === 1 ? what.slice(0, -1) : what}`);
    print(`${called} is right: project ${project}, ${words.join(', ')}.`);
  }
  return 0;
}

async function planned(call: ComposeCall): Promise<Read & { client: Client; plan: Plan; present: Present }> {
  const loaded = await load(call);
  const client = await call.connect();
  const present = await gather(client, call.home, loaded.wanted.project, loaded.wanted);
  const plan = planUp(loaded.wanted, present, call);
  const problems = new Problems();
  for (const { field, message } of plan.conflicts) problems.add(loaded.read.at(field, true), field, message);
  problems.check(loaded.called);
  return { ...loaded, client, plan, present };
}
async function up(call: ComposeCall): Promise<number> {
  const { client, wanted, plan, present } = await planned(call);
  const { project } = wanted;
  const { actions, held, notes } = plan;
  const paint = paintFor(call.noColor);
  if (!call.json)
    print(`${planText(plan, paint)}${actions.length + held.length === 0 ? 'Nothing to change.' : ''}`);
  const done = await have(call, client, wanted, present, actions);
  if (call.json) printJson({ project, done: done.map(shown), held, notes });
  else if (actions.length > 0) print(`${project}: ${countText(done) || 'all of it was there by then'}.`);
  return 0;
}

/** Does it, and returns what was done: where somebody else does the same at once, each has what the other has made. */
async function have(
  call: ComposeCall,
  client: Client,
  wanted: Wanted,
  present: Present,
  actions: readonly Action[],
): Promise<Action[]> {
  const done: Action[] = [];
  let left = { present, actions };
  // Each time what could not be made is there by now, so there is an end.
  for (;;) {
    try {
      await run(call, client, wanted, left.present, left.actions, { done: (action) => done.push(action) });
      return done;
    } catch (thrown) {
      const { code, data } = SkeinError.from(thrown);
      if (code !== 'name_taken') throw thrown;
      const now = await gather(client, call.home, wanted.project, wanted);
      const next = planUp(wanted, now, call);
      const missing = next.actions.some((one) => one.do === data?.do && one.what === data?.what);
      if (next.conflicts.length > 0 || missing) throw thrown;
      left = { present: now, actions: next.actions };
    }
  }
}

function run(
  call: ComposeCall,
  client: Client,
  wanted: Wanted,
  present: Present,
  actions: readonly Action[],
  { failed, done }: { failed?: (action: Action, error: SkeinError) => void; done?: (action: Action) => void },
): Promise<void> {
  const { home, env, purge } = call;
  const begin = async <T>(action: Action, doing: Promise<T>) => {
    const value = await waiting(`${action.sign} ${action.what}`, doing);
    done?.(action);
    return value;
  };
  return apply(client, wanted, present, actions, {
    ...{ home, env, purge, begin },
    ...(failed === undefined ? {} : { failed }),
  });
}

const shown = ({ do: what, sign, what: on, why }: Action) => ({ do: what, sign, what: on, why });

async function diff(call: ComposeCall): Promise<number> {
  // All that differs, whatever it would take.
  const { wanted, plan } = await planned({ ...call, restart: true, prune: true });
  const { actions, held, notes } = plan;
  const same = actions.length === 0 && held.length === 0;
  if (call.json) printJson({ project: wanted.project, same, changes: actions.map(shown), held, notes });
  else print(same ? 'Nothing differs.' : planText(plan, paintFor(call.noColor)));
  return same ? 0 : 1;
}

async function ps(call: ComposeCall): Promise<number> {
  const wanted =
    call.project !== undefined && call.file === undefined ? undefined : (await load(call)).wanted;
  const project = wanted?.project ?? checked(call.project ?? '');
  const client = await call.connect();
  const rows = rowsOf(project, await gather(client, call.home, project), wanted);
  if (call.json) printJson(rows);
  else print(rows.length === 0 ? `Nothing of ${project} is here.` : rowsText(rows, paintFor(call.noColor)));
  return 0;
}

async function down(call: ComposeCall): Promise<number> {
  // What was made is known by its project alone: the file may be wrong by now, or gone.
  const project =
    call.project === undefined || call.file !== undefined
      ? (await load(call)).wanted.project
      : checked(call.project);
  const client = await call.connect();
  const present = await gather(client, call.home, project);
  const actions = planDown(project, present, call.remove || call.purge);
  if (!call.json)
    print(
      planText({ actions, held: [], notes: [] }, paintFor(call.noColor)) || `Nothing of ${project} is here.`,
    );
  const nothing: Wanted = { project, base: '/', workspaces: {}, sessions: {}, machines: {}, order: [] };
  const left: { action: Action; error: SkeinError }[] = [];
  // One that stays is no reason for the others to.
  const failed = (action: Action, error: SkeinError) => void left.push({ action, error });
  await run(call, client, nothing, present, actions, { failed });
  const done = actions.filter((one) => !left.some(({ action }) => action === one));
  if (call.json) printJson({ project, done: done.map(shown), left: left.map(({ error }) => error.toBody()) });
  else for (const { error } of left) complain(error.message, adviceOf(error));
  return left.length === 0 ? 0 : 1;
}

function adviceOf({ data }: SkeinError): string | undefined {
  return typeof data?.advice === 'string' ? data.advice : undefined;
}
