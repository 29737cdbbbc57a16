/**
 * What later steps of a script say of earlier results: `{{2}}` is all that the second call since the script has come to,
 * `{{2.agent}}` what it says of `agent`, be it as JSON, as JSON within JSON, or as `agent: …` in a text.
 */
import type { Step } from './marker.ts';

const NAMED = /\{\{(\d{1,4})(?:\.([\w-]+))?\}\}/g;
const ALONE = new RegExp(`^(?:${NAMED.source})$`);

/** The step with what it names of these results put in. What they do not tell stays as it was written. */
export function withResults(step: Step, results: readonly string[]): Step {
  const filled = (text: string) =>
    text.replace(NAMED, (whole, nth: string, key?: string) => String(valueIn(results, nth, key) ?? whole));
  switch (step.step) {
    case 'text':
    case 'think':
      return { ...step, text: filled(step.text) };
    case 'write':
      return { ...step, content: filled(step.content) };
    case 'shell':
      return { ...step, command: filled(step.command) };
    case 'call':
      return { ...step, input: inJson(step.input, results, filled) };
    default:
      return step;
  }
}

/** In JSON each text is filled by itself; one that is a name alone may become a number or a boolean. */
function inJson(input: string, results: readonly string[], filled: (text: string) => string): string {
  const value = (_: string, one: unknown) => {
    if (typeof one !== 'string') return one;
    const [, nth, key] = ALONE.exec(one) ?? [];
    return nth === undefined ? filled(one) : (valueIn(results, nth, key) ?? one);
  };
  try {
    return JSON.stringify(JSON.parse(input, value));
  } catch {
    return filled(input);
  }
}

function valueIn(results: readonly string[], nth: string, key: string | undefined) {
  const result = results[Number(nth) - 1];
  if (key === undefined || result === undefined) return result;
  const found = new RegExp(
    `(?<![\\w-])${key}\\\\*"?\\s*[:=]\\s*(?:\\\\*"([^"\\\\]*)|([^\\s,;}\\]"\\\\]+))`,
  ).exec(result);
  const [, quoted, bare] = found ?? [];
  if (quoted !== undefined || bare === undefined) return quoted;
  if (bare === 'true' || bare === 'false') return bare === 'true';
  return /^-?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare;
}
