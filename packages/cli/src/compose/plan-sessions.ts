/** What is to be done about a session of a compose file: its program, its name, the roles in it (rules B1, B3). Pure. */
import type { Sign } from './action.ts';
import { changedWords, type Draft } from './draft.ts';
import type { Node } from './order.ts';
import { changedFields, isAliveLife, type PresentSession } from './present.ts';
import type { WantedSession } from './wanted.ts';

export function planSession(draft: Draft, { name: part, id: node }: Node): void {
  const wanted = draft.wanted.sessions[part];
  if (wanted === undefined) return;
  planMembers(draft, wanted);
  const here = draft.session(part);
  if (here === undefined) {
    const taken = draft.present.sessions.find(
      ({ name, label }) => name === wanted.name && label?.project !== draft.wanted.project,
    );
    if (taken !== undefined)
      draft.conflict(
        ['sessions', part],
        `there is a session "${wanted.name}" that this file has not made; give this one another name:, or that one: skein rename ${wanted.name} NAME`,
      );
    return makeSession(draft, wanted, '+', wanted.terminal === undefined ? '' : commandWords(wanted));
  }
  const again = whyAnew(draft, wanted, here);
  if (again !== undefined) {
    const foreign = here.agents.filter((one) => one.label === undefined && isAliveLife(one.life));
    const what = `session ${part}`;
    if (foreign.length > 0) {
      const them = foreign.map(({ name }) => `${here.name}/${name}`).join(' ');
      return draft.hold(
        '~',
        what,
        `${again.why}, but ${them} is in it, which this file has not made: skein stop ${them}`,
        'you',
      );
    }
    if (!again.free && !draft.options.restart)
      return draft.hold('~', what, `${again.why}: it and what is in it made anew`, 'restart');
    draft.anew.add(node);
    draft.ends.push({ do: 'session.remove', sign: '-', what, why: again.why, part, id: here.id });
    return makeSession(draft, wanted, '+', 'made anew');
  }
  draft.begun.add(part);
  if (here.name !== wanted.name)
    draft.renames.push({
      do: 'session.rename',
      sign: '~',
      what: `session ${part}`,
      why: `called ${here.name}, renamed to ${wanted.name}`,
      part,
      id: here.id,
      name: wanted.name,
    });
}

/** Why it cannot go on as it is; `free` where nothing is lost by that. */
function whyAnew(
  draft: Draft,
  wanted: WantedSession,
  here: PresentSession,
): { why: string; free: boolean } | undefined {
  const changed = changedFields(here.label?.fields ?? {}, wanted.fields);
  if (changed.length > 0) return { why: changedWords(changed), free: false };
  if (wanted.terminal === undefined) return undefined;
  if (wanted.workspace !== undefined && draft.anew.has(`workspace ${wanted.workspace}`))
    return { why: 'its workspace is made anew', free: true };
  const { terminal } = here;
  if (terminal === 'running' || terminal === 'starting' || (terminal === 'exited' && wanted.terminal.once))
    return undefined;
  const free = !here.agents.some(({ life }) => isAliveLife(life));
  return {
    why: terminal === 'exited' ? 'its program has ended' : `its program is ${terminal ?? 'not there'}`,
    free,
  };
}

function makeSession(draft: Draft, { part, terminal }: WantedSession, sign: Sign, why: string): void {
  // One without a program begins with an agent.
  if (terminal === undefined) return;
  draft.begun.add(part);
  draft.makes.push({ do: 'session.make', sign, what: `session ${part}`, why, part, agent: null });
}

function planMembers(draft: Draft, { part, name, members }: WantedSession): void {
  const here = draft.session(part);
  for (const [who, role] of Object.entries(members)) {
    const member = here?.members.find((one) => one.name === who);
    if (member === undefined)
      draft.notes.push(`${who} has not joined ${name}: skein share ${name} --role ${role}`);
    else if (member.role !== role && here !== undefined)
      draft.makes.push({
        do: 'member.role',
        sign: '~',
        what: `member ${who} of ${part}`,
        why: `${member.role}, made ${role}`,
        part,
        session: here.id,
        member: member.id,
        role,
      });
  }
}

function commandWords({ terminal }: WantedSession): string {
  const words = terminal?.argv ?? [];
  return words[0] === '/bin/sh' && words[1] === '-c' ? (words[2] ?? '') : words.join(' ');
}
