/** What is told of a session's invitations. */
import { expect, test } from 'vitest';
import { ticketsAnswer } from './answers.ts';
import { LOCAL, ticketId, World } from './world.fixture.ts';

test('[M3] a ticket is listed with the time that is left by its own node, and without its hash', () => {
  const world = new World();
  world.make(LOCAL, ticketId(1), 'viewer', { uses: 2, history: 'all' });
  const [ticket] = ticketsAnswer(world.session, world.now + 1_000);
  expect(ticket).toMatchObject({ id: ticketId(1), left: 2, expiresIn: 59_000 });
  expect(ticket).not.toHaveProperty('hash');
});
