/** Why one who was attached a moment ago is turned away now: what has changed, not what they lack (rules K5, M2). */
import { SkeinError } from '@skein/protocol/errors';

/**
 * The door has one refusal for a device that is in no session any more, whether it was shut out of the last one or that
 * was removed: neither is claimed. Every other error is left as it is.
 */
export function shutOut(name: string, error: SkeinError): SkeinError {
  const { rule, needs, has } = error.data ?? {};
  const stranger = error.code === 'not_allowed' && rule === 'M2' && needs === 'viewer' && has === 'stranger';
  // It is this machine's own node that knows the other no more, and says so.
  if (error.code === 'not_found' && error.data?.node !== undefined)
    return new SkeinError('not_found', `The node of ${name} was forgotten here.`, {
      ...error.data,
      advice: 'To meet it again: skein join',
    });
  if (!stranger && error.code !== 'not_found') return error;
  const advice = 'Ask its owner.';
  return new SkeinError(error.code, `${name} was removed, or you were shut out of it.`, {
    ...error.data,
    advice,
  });
}
