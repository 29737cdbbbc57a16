/** The scripted model's steps, shortly. */
import type { Step } from '../../model/marker.ts';

export const text = (words: string): Step => ({ step: 'text', text: words });
export const think = (words: string): Step => ({ step: 'think', text: words });
export const hold = (gate: string): Step => ({ step: 'hold', gate });
export const write = (path: string, content: string): Step => ({
  ...{ step: 'write', path, content },
  together: false,
});
