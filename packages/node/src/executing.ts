/** A client's command on its way to the kernel, with what the node adds to it (rule K1): where things lie, what was handed over, what others allow. */
import { SkeinError } from '@skein/protocol/errors';
import type { Uploads } from './agents/uploads.ts';
import type { Command, KernelApi, Reply } from './kernel/types.ts';
import { farFacts } from './machines/home/far-effects.ts';
import { machineFacts } from './machines/worker/facts.ts';
import type { Meshed } from './peers/meshed.ts';
import { claimFacts } from './workspaces/claims/facts.ts';
import { workspaceFacts } from './workspaces/facts.ts';
import { landingFacts } from './workspaces/landing/facts.ts';
import { sandboxFacts } from './workspaces/sandbox/facts.ts';

interface ExecutorContext {
  kernel: KernelApi;
  home: string;
  uploads: Uploads;
  meshed: Meshed;
}

/** Makes the function that has any client's command decided. It never rejects. */
export function executor({ kernel, home, uploads, meshed }: ExecutorContext) {
  const factsFor = (by: unknown, command: Command) =>
    uploads.factsFor(command) ??
    claimFacts(kernel, command) ??
    sandboxFacts(kernel, command) ??
    landingFacts(kernel, command) ??
    machineFacts({ kernel, home }, by, command) ??
    farFacts(meshed, command) ??
    workspaceFacts(home, command);
  return async (by: unknown, command: Command): Promise<Reply> => {
    try {
      const facts = factsFor(by, command);
      // Whoever need not wait is not overtaken by who sent something later.
      const reply = await kernel.execute(by, command, facts instanceof Promise ? await facts : facts);
      // The same command again is answered from its receipt.
      if (reply.ok) uploads.used(command);
      return reply;
    } catch (thrown) {
      return { ok: false, error: SkeinError.from(thrown).toBody() };
    }
  };
}
