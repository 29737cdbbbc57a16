/** What an agent offers to choose from while it runs, as its state keeps it: bounded, whatever the agent tells. Pure. */
import type { AgentEvents, Choice } from './events.ts';
import { MAX_OFFERED, MAX_OFFERED_COMMANDS, OFFERED_DESCRIPTION, OFFERED_NAME } from './limits.ts';

export interface Offers {
  modes: Choice[];
  models: Choice[];
  /** What a prompt may begin with, after a slash. */
  commands: Choice[];
}

export const NO_OFFERS: Offers = { modes: [], models: [], commands: [] };

/** What is offered after it told more: each part that it tells replaces what was said of it before. */
export function offersAfter(
  was: Offers,
  { modes, models, commands }: Omit<AgentEvents['agent.offers'], 'run'>,
): Offers {
  return {
    modes: modes === undefined ? was.modes : kept(modes.list, MAX_OFFERED),
    models: models === undefined ? was.models : kept(models.list, MAX_OFFERED),
    commands: commands === undefined ? was.commands : kept(commands, MAX_OFFERED_COMMANDS),
  };
}

/** Of a state; one that comes from a node of before offers were kept has none. */
export function offersOf({ offers = NO_OFFERS }: { offers?: Offers }): Offers {
  return offers;
}

function kept(list: readonly Choice[], most: number): Choice[] {
  return list.slice(0, most).map(({ id, name, description }) => ({
    id,
    name: cut(name, OFFERED_NAME),
    ...(description === undefined ? {} : { description: cut(description, OFFERED_DESCRIPTION) }),
  }));
}

const cut = (text: string, most: number) => text.slice(0, most).toWellFormed();
