/** A client's command on its way to the kernel, with what the node adds to it (rule K1): where things lie, what was handed over, what others allow. */
import { FOR_NOW, PASSING, SkeinError } from '@skein/protocol/errors';
import type { Uploads } from './agents/uploads.ts';
import type { Command, KernelApi, Reply } from './kernel/types.ts';
import { farFacts } from './machines/home/far-effects.ts';
import { machineFacts } from './machines/worker/facts.ts';
import type { OwnFacts } from './peers/actor.ts';
import type { Meshed } from './peers/meshed.ts';
import type { Environments } from './sessions/environment.ts';
import { removalFacts } from './sessions/removal-facts.ts';
import { claimFacts } from './workspaces/claims/facts.ts';
import { workspaceFacts } from './workspaces/facts.ts';
import { landingFacts } from './workspaces/landing/facts.ts';
import { sandboxFacts } from './workspaces/sandbox/facts.ts';

interface ExecutorContext {
  kernel: KernelApi;
  home: string;
  uploads: Uploads;
  environments: Environments;
  meshed: Meshed;
}

/** Refusals of what may be asked again, and then accepted. */
const NOT_YET = [...FOR_NOW, ...PASSING];

function ownFacts({ id }: Meshed, { target, type }: Command): OwnFacts | undefined {
  return target === 'peers' && type === 'peer.block' ? { self: id } : undefined;
}

/** Makes the function that has any client's command decided. It never rejects. */
export function executor({ kernel, home, uploads, environments, meshed }: ExecutorContext) {
  const factsFor = (by: unknown, command: Command) =>
    uploads.factsFor(command) ??
    claimFacts(kernel, command) ??
    sandboxFacts(kernel, command) ??
    landingFacts(kernel, command) ??
    removalFacts(kernel, command) ??
    machineFacts({ kernel, home }, by, command) ??
    farFacts(meshed, command) ??
    ownFacts(meshed, command) ??
    workspaceFacts(home, command);
  const decided = async (by: unknown, command: Command): Promise<Reply> => {
    try {
      const facts = factsFor(by, command);
      // Whoever need not wait is not overtaken by who sent something later.
      return await kernel.execute(by, command, facts instanceof Promise ? await facts : facts);
    } catch (thrown) {
      return { ok: false, error: SkeinError.from(thrown).toBody() };
    }
  };
  return async (by: unknown, command: Command): Promise<Reply> => {
    const reply = await decided(by, command);
    // The same command again is answered from its receipt.
    if (reply.ok) uploads.used(command);
    else if (!NOT_YET.includes(reply.error.code)) environments.refused(command);
    return reply;
  };
}
