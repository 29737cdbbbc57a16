/** Runs a parsed call of one of the given commands. */
import { Call, type Parsed } from './call.ts';
import type { CommandSpec } from './spec.ts';

/** Resolves with the exit status. */
export async function invoke(specs: readonly CommandSpec[], parsed: Parsed): Promise<number> {
  const spec = specs.find((s) => s.name === parsed.command);
  const command = await spec?.load();
  return (await command?.run(new Call(parsed))) ?? 0;
}
