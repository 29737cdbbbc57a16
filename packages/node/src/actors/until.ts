/** Waiting for an actor's durable state to be as wanted. */
import type { KernelApi } from '../kernel/types.ts';

/** Resolves with the state once it is as wanted; with the present one when aborted before. `target` is the actor's stream. */
export async function stateUntil<S>(
  kernel: Pick<KernelApi, 'state' | 'subscribe'>,
  target: string,
  wanted: (state: S) => boolean,
  aborted: AbortSignal,
): Promise<S> {
  const { state, cursor } = await kernel.state<S>(target);
  if (wanted(state) || aborted.aborted) return state;
  const events = await kernel.subscribe({ stream: target, from: cursor, follow: true });
  const close = () => events.close();
  aborted.addEventListener('abort', close);
  try {
    while ((await events.next()) !== null) {
      const { state: now } = await kernel.state<S>(target);
      if (wanted(now)) return now;
    }
    return (await kernel.state<S>(target)).state;
  } finally {
    aborted.removeEventListener('abort', close);
    events.close();
  }
}
