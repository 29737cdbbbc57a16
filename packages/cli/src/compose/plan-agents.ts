/** What is to be done about an agent of a compose file (rules B1, B3). Pure. */
import { changedWords, type Draft } from './draft.ts';
import type { Node } from './order.ts';
import { changedFields, isAliveLife, type PresentAgent } from './present.ts';
import type { WantedAgent } from './wanted.ts';

export function planAgent(draft: Draft, { session: part = '', name, id: node }: Node): void {
  const wanted = draft.wanted.sessions[part]?.agents[name];
  const session = draft.session(part);
  if (wanted === undefined) return;
  const what = `agent ${part}/${name}`;
  const here = draft.anew.has(part) ? undefined : session?.agents.find((one) => one.name === name);
  if (here === undefined || session === undefined)
    return addAgent(draft, wanted, part, what, wanted.definition);
  if (here.label?.project !== draft.wanted.project) {
    draft.conflict(
      ['sessions', part, 'agents', name],
      `there is an agent "${name}" in it that this file has not made; call this one otherwise, or remove it: skein rm --force ${session.name}/${name}`,
    );
    return;
  }
  const again = whyAnew(draft, wanted, here);
  const of = { part, agent: name, session: session.id, id: here.id };
  if (again !== undefined) {
    if (again.free || draft.options.restart) {
      draft.anew.add(node);
      draft.ends.push({ do: 'agent.remove', sign: '-', what, why: again.why, ...of });
      return addAgent(draft, wanted, part, what, 'made anew');
    }
    draft.hold('~', what, `${again.why}: made anew, without what it knows`, 'restart');
  }
  if (!isAliveLife(here.life))
    draft.makes.push({
      do: 'agent.restart',
      sign: '~',
      what,
      why: `it has ${here.life}, started again`,
      ...of,
    });
  choices(draft, wanted, here, part, what);
  if (wanted.prompt !== undefined && !here.prompted) promptOnce(draft, part, name, what);
}

/** Why it cannot go on as it is; `free` where that is not to be asked about. */
function whyAnew(
  draft: Draft,
  wanted: WantedAgent,
  here: PresentAgent,
): { why: string; free: boolean } | undefined {
  const changed = changedFields(here.label?.fields ?? {}, wanted.fields);
  if (wanted.workspace !== undefined && draft.anew.has(`workspace ${wanted.workspace}`))
    return { why: 'its workspace is made anew', free: true };
  if (changed.length > 0) return { why: changedWords(changed), free: false };
  // A worktree of its own goes when it has ended, unless something is in it.
  const homeless =
    here.workspace !== undefined && !draft.present.workspaces.some(({ id }) => id === here.workspace);
  return homeless && !isAliveLife(here.life)
    ? { why: 'it has ended, and its worktree is gone', free: true }
    : undefined;
}

function addAgent(draft: Draft, wanted: WantedAgent, part: string, what: string, why: string): void {
  const { name, prompt } = wanted;
  if (draft.begun.has(part)) draft.makes.push({ do: 'agent.add', sign: '+', what, why, part, agent: name });
  else
    draft.makes.push({
      do: 'session.make',
      sign: '+',
      what: `session ${part}, ${what}`,
      why,
      part,
      agent: name,
    });
  draft.begun.add(part);
  if (prompt !== undefined) promptOnce(draft, part, name, what);
}

function promptOnce(draft: Draft, part: string, agent: string, what: string): void {
  draft.makes.push({ do: 'agent.prompt', sign: '+', what, why: 'given its prompt', part, agent });
}

/** What was chosen for it by somebody else since; not what it has come to by itself, as by leaving a mode for plans. */
function choices(draft: Draft, wanted: WantedAgent, here: PresentAgent, part: string, what: string): void {
  for (const choice of ['mode', 'model'] as const) {
    const value = wanted[choice];
    if (value === undefined || here.chosen[choice] === value || here[choice] === value) continue;
    const was = here[choice] ?? here.chosen[choice] ?? 'its own';
    draft.makes.push({
      do: 'agent.choose',
      sign: '~',
      what,
      why: `${choice} ${was}, set to ${value}`,
      part,
      agent: wanted.name,
      choice,
      value,
    });
  }
}
