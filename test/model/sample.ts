/** The least value that a JSON Schema asks for: some agents want their side questions answered in a form of their own. */
import { list, object, string } from './json.ts';

/** Schemas may name themselves; deeper than this nobody asks. */
const DEEPEST = 8;

export function sampleOf(schema: unknown, depth = 0): unknown {
  const { type, properties, required, items, anyOf, ...rest } = object(schema);
  if (depth > DEEPEST) return null;
  if ('const' in rest) return rest.const;
  const [choice] = list(rest.enum);
  if (choice !== undefined) return choice;
  const [branch] = list(anyOf);
  if (branch !== undefined) return sampleOf(branch, depth + 1);
  switch (string(Array.isArray(type) ? type[0] : type).toLowerCase()) {
    case 'object': {
      const known = object(properties);
      const names = required === undefined ? Object.keys(known) : list(required).map(string);
      return Object.fromEntries(names.map((name) => [name, sampleOf(known[name], depth + 1)]));
    }
    case 'array':
      return rest.minItems === undefined ? [] : [sampleOf(items, depth + 1)];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return typeof rest.minimum === 'number' ? rest.minimum : 0;
    case 'null':
      return null;
    default:
      return 'ok';
  }
}
