/** What is said of a prompt that was queued: when the agent comes to it, and where that is seen. Pure. */
import { farIn } from '@skein/protocol/machines/words';
import type { FoundAgent } from '../../agents/open.ts';

export function told({ agent, ref, session }: Omit<FoundAgent, 'client' | 'node'>, before: number): string {
  const { name, life } = agent;
  const far = farIn(session, agent.agent);
  const away = far !== undefined && (far.link === 'down' || far.link === 'ended');
  const first = before === 0 ? '' : before === 1 ? ' after one other' : ` after ${before} others`;
  const when = away
    ? `, when ${far.node} is back`
    : before > 0 || life === 'running'
      ? ''
      : ', when it has started';
  const taken = before === 0 ? `${name} begins with it${when}.` : `${name} does it${first}${when}.`;
  return `${taken} See: skein chat ${ref} · skein transcript ${ref} · skein queue ${ref}`;
}
