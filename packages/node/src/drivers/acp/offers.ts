/** Modes, models and commands of an ACP agent: told in three ways, of which options are the newest. */
import type { Choice } from '@skein/protocol/agents/events';
import type { z } from 'zod';
import { cut, title } from '../bounds.ts';
import type { Draft } from '../draft.ts';
import type { AcpState, Chooser } from './state.ts';
import type * as wire from './wire.ts';

type D = Draft<AcpState>;
/** Of modes and models each: what a person can choose from; the rest is left out, to keep the state small. */
const MAX_CHOICES = 64;

type Options = z.infer<typeof wire.configOptions>['configOptions'];

/** Takes in what a session begins with. */
export function takeOffers(d: D, session: z.infer<typeof wire.session>): void {
  const { modes, models, configOptions } = session;
  if (modes) {
    const list = modes.availableModes.map(({ id, name, description }) => choice(id, name, description));
    d.s.modes = chooser(null, modes.currentModeId, list);
  }
  if (models) {
    const list = models.availableModels.map(({ modelId, name, description }) =>
      choice(modelId, name, description),
    );
    d.s.models = chooser(null, models.currentModelId, list);
  }
  takeOptions(d, configOptions);
  tellOffers(d);
}

export function takeOptions(d: D, options: Options): void {
  for (const option of options ?? []) {
    if (option === null || option.id.length > 256) continue;
    const list = option.options
      .flatMap((one) => ('options' in one && Array.isArray(one.options) ? one.options : [one]))
      .map((one) => choice(String(one.value), String(one.name), one.description as string | null));
    const made = chooser(option.id, option.currentValue, list);
    if (option.category === 'mode') d.s.modes = made;
    if (option.category === 'model') d.s.models = made;
  }
}

export function tellOffers(d: D): void {
  const { modes, models } = d.s;
  if (modes === null && models === null) return;
  d.emit('agent.offers', {
    ...(modes === null ? {} : { modes: { current: modes.current, list: modes.list } }),
    ...(models === null ? {} : { models: { current: models.current, list: models.list } }),
  });
}

/** The agent is in this mode, or has this model, now. */
export function takeChosen(d: D, what: 'mode' | 'model', value: string): void {
  const part = what === 'mode' ? 'modes' : 'models';
  d.s[part] = { ...(d.s[part] ?? { option: null, list: [] }), current: cut(value, 256) };
  tellOffers(d);
}

export function choice(id: string, name: string, description: string | null | undefined): Choice {
  return {
    id: cut(id, 256),
    name: title(name),
    ...(description ? { description: title(description).slice(0, 200) } : {}),
  };
}

function chooser(option: string | null, current: string, list: Choice[]): Chooser {
  return { option, current: cut(current, 256), list: list.slice(0, MAX_CHOICES) };
}
