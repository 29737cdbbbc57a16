/** The scripted model's steps, shortly. */
import type { Step } from '../../model/marker.ts';

export const text = (words: string): Step => ({ step: 'text', text: words });
export const think = (words: string): Step => ({ step: 'think', text: words });
export const hold = (gate: string): Step => ({ step: 'hold', gate });
/** A call of one of Skein's tools. */
export const tool = (name: string, input: object): Step => ({
  ...{ step: 'call', tool: `skein.${name}`, input: JSON.stringify(input) },
  together: false,
});
export const write = (path: string, content: string): Step => ({
  ...{ step: 'write', path, content },
  together: false,
});
