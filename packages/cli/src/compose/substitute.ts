/** `${NAME}` and `${NAME:-otherwise}` in texts of a compose file (rule B2). Pure. */

export interface Substituted {
  text: string;
  /** Whether anything was put in. */
  changed: boolean;
  /** What is wrong, and at which letter of the text. */
  problems: { at: number; message: string }[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/** `$${` stands for `${`; a `$` before anything else is itself. A variable that is set to nothing counts as not set for `:-`. */
export function substitute(given: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  const problems: Substituted['problems'] = [];
  let text = '';
  let changed = false;
  for (let i = 0; i < given.length; ) {
    if (given.startsWith('$${', i)) {
      text += '${';
      changed = true;
      i += 3;
    } else if (given.startsWith('${', i)) {
      const end = given.indexOf('}', i);
      const inner = end < 0 ? undefined : given.slice(i + 2, end);
      const found = inner === undefined ? { problem: 'its } is missing' } : meantValue(inner, env);
      if ('problem' in found)
        problems.push({
          at: i,
          message: `${end < 0 ? given.slice(i, i + 24) : `\${${inner}}`}: ${found.problem}`,
        });
      else text += found.value;
      changed = true;
      i = end < 0 ? given.length : end + 1;
    } else {
      text += given[i];
      i += 1;
    }
  }
  return { text, changed, problems };
}

function meantValue(
  inner: string,
  env: Readonly<Record<string, string | undefined>>,
): { value: string } | { problem: string } {
  const name = NAME.exec(inner)?.[0];
  if (name === undefined)
    return { problem: 'a variable has letters, digits and _; $${ is a ${ as it stands' };
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  const rest = inner.slice(name.length);
  if (rest === '')
    return value === undefined
      ? {
          problem: `${name} is not set; set it, write \${${name}:-otherwise}, or $\${${name}} for the text itself`,
        }
      : { value };
  // What is said instead would end at the } of that one.
  if (rest.startsWith(':-') && rest.includes('${'))
    return { problem: `what is said instead of ${name} can hold no variable; set ${name}` };
  if (rest.startsWith(':-')) return { value: value === undefined || value === '' ? rest.slice(2) : value };
  return { problem: `there is \${${name}} and \${${name}:-otherwise}` };
}
