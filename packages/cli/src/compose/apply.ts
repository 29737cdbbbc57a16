/** Does what a plan says, step by step: each lasts once it is done, so that a plan that was cut off is gone on with by the next (rules B1, B3). */
import type { Client } from '@skein/protocol/client/client';
import { SkeinError } from '@skein/protocol/errors';
import { addNode } from '../connect/add-node.ts';
import type { Action } from './action.ts';
import { ApplyAgents } from './apply-agents.ts';
import { type ApplyContext, Ids } from './apply-context.ts';
import { removePolicy, writePolicy } from './apply-policies.ts';
import { makeSession, removeSession, stopSession } from './apply-sessions.ts';
import { addTask } from './apply-tasks.ts';
import { finishWorkspace, makeWorkspace, removeWorkspace } from './apply-workspaces.ts';
import type { Present } from './present.ts';
import type { Wanted } from './wanted.ts';

export interface ApplyOptions {
  home: string;
  /** Of whoever runs this, for what is started. */
  env: Record<string, string>;
  purge: boolean;
  /** What is being done, and its end. */
  begin<T>(action: Action, done: Promise<T>): Promise<T>;
  /** Told what could not be done; with it the rest is done nevertheless. */
  failed?(action: Action, error: SkeinError): void;
}

/** Throws what the first that could not be done throws, with what it was in its data; those before it are done. */
export async function apply(
  client: Client,
  wanted: Wanted,
  present: Present,
  actions: readonly Action[],
  options: ApplyOptions,
): Promise<void> {
  const context: ApplyContext = { client, wanted, ids: new Ids(wanted.project, present), ...options };
  for (const action of actions) {
    try {
      await options.begin(action, perform(context, action));
    } catch (thrown) {
      const error = failureOf(action, thrown);
      if (options.failed === undefined) throw error;
      options.failed(action, error);
    }
  }
}

function failureOf(action: Action, thrown: unknown): SkeinError {
  const { code, message, data } = SkeinError.from(thrown);
  const advice =
    data?.advice ?? 'What came before it is done. Mend this, and run it again: it goes on from here.';
  const { do: doing, what } = action;
  return new SkeinError(code, `${what}: ${message}`, { ...data, do: doing, what, advice });
}

function perform(context: ApplyContext, action: Action): Promise<void> {
  const { client, ids } = context;
  const agents = new ApplyAgents(context);
  switch (action.do) {
    case 'workspace.make':
      return makeWorkspace(context, action.part);
    case 'workspace.await':
      return finishWorkspace(context, action.part);
    case 'workspace.remove':
      return removeWorkspace(client, action.id);
    case 'session.make':
      return action.agent === null
        ? makeSession(context, action.part)
        : agents.open(action.part, action.agent);
    case 'session.rename':
      return void_(client.command('node', 'session.rename', { id: action.id, name: action.name }));
    case 'session.stop':
      return stopSession(client, action.id);
    case 'session.remove':
      return removeSession(client, action.id, context.purge);
    case 'agent.add':
      return agents.add(action.part, action.agent);
    case 'agent.prompt':
      return agents.prompt(action.part, action.agent);
    case 'agent.choose':
      return agents.choose(action.part, action.agent, action.choice, action.value);
    case 'agent.restart':
      return agents.restart(action.session, action.id);
    case 'agent.stop':
      return agents.stop(action.session, action.id);
    case 'agent.remove':
      return agents.remove(action.session, action.id);
    case 'machine.add':
      return void_(addNode(client, action.locator, action.part));
    case 'task.add':
      return addTask(context, action.part, action.task);
    case 'task.slots':
      return void_(
        client.command(`session/${ids.session(action.part)}`, 'task.slots', { slots: action.slots }),
      );
    case 'member.role':
      return void_(
        client.command(`session/${action.session}`, 'member.role', {
          member: action.member,
          role: action.role,
        }),
      );
    case 'policy.write':
      return writePolicy(context.home, { project: context.wanted.project, part: action.part }, action.text);
    case 'policy.remove':
      return removePolicy(context.home, { project: context.wanted.project, part: action.part });
  }
}

async function void_(done: Promise<unknown>): Promise<void> {
  await done;
}
