/** What is to be done about the machines and the tasks of a compose file (rules B1, B3). Pure. */
import type { Action } from './action.ts';
import type { Draft } from './draft.ts';
import { taskId } from './present.ts';
import type { WantedSession } from './wanted.ts';

/** Made known by its locator, where it is not; whether it has given a grant only it can tell, when an agent comes. */
export function planMachines(draft: Draft): Action[] {
  return Object.entries(draft.wanted.machines).flatMap(([name, { locator }]): Action[] => {
    const here = draft.present.machines[name];
    if (here !== undefined) {
      if (!here.reachable) draft.notes.push(`${name} cannot be reached now: skein nodes`);
      return [];
    }
    if (locator !== undefined)
      return [
        { do: 'machine.add', sign: '+', what: `machine ${name}`, why: 'made known', part: name, locator },
      ];
    const how = 'there: skein node show; here: skein node add, or locator: with the line that it prints';
    draft.conflict(['machines', name], `no machine is called "${name}" here; ${how}`);
    return [];
  });
}

/** Each is given once to each session that is made. */
export function planTasks(draft: Draft, { part, tasks, slots }: WantedSession): void {
  const session = draft.anew.has(part) ? undefined : draft.session(part);
  if (slots !== undefined && session?.slots !== slots) {
    const why = `${slots} at a time`;
    draft.makes.push({ do: 'task.slots', sign: '~', what: `tasks of ${part}`, why, part, slots });
  }
  for (const { name, text } of tasks) {
    if (session?.tasks.includes(taskId(session.id, name)) === true) continue;
    const why = text.split('\n')[0]?.slice(0, 60) ?? '';
    draft.makes.push({ do: 'task.add', sign: '+', what: `task ${part}/${name}`, why, part, task: name });
  }
}
