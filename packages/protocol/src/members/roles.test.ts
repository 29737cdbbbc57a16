/** The table of roles is whole, and its order is what it says (rule M2). What has no row does not build; here it is counted. */
import { describe, expect, test } from 'vitest';
import { peerCommands } from '../peers/commands.ts';
import { peerEvents } from '../peers/events.ts';
import { asks } from '../sessions/asks.ts';
import { nodeCommands, sessionCommands } from '../sessions/commands.ts';
import { nodeEvents, sessionEvents } from '../sessions/events.ts';
import { workspaceCommands } from '../workspaces/commands.ts';
import { workspaceEvents } from '../workspaces/events.ts';
import { asGivenName, freeGivenName, givenName } from './names.ts';
import {
  ASK_NEEDS,
  allows,
  COMMAND_NEEDS,
  lesser,
  maySee,
  NODE_EVENT_NEEDS,
  PEER_EVENT_NEEDS,
  ROLES,
  SESSION_EVENT_NEEDS,
  WORKSPACE_EVENT_NEEDS,
} from './roles.ts';

describe('the table', () => {
  test('[M2] has a row for every ask, command and event, and for nothing else', () => {
    expect(Object.keys(ASK_NEEDS).sort()).toEqual(Object.keys(asks).sort());
    const commands = [nodeCommands, sessionCommands, workspaceCommands, peerCommands].flatMap((some) =>
      Object.keys(some),
    );
    expect(Object.keys(COMMAND_NEEDS).sort()).toEqual(commands.sort());
    expect(Object.keys(SESSION_EVENT_NEEDS).sort()).toEqual(
      [...Object.keys(sessionEvents), 'log.epoch'].sort(),
    );
    expect(Object.keys(NODE_EVENT_NEEDS).sort()).toEqual(Object.keys(nodeEvents).sort());
    expect(Object.keys(WORKSPACE_EVENT_NEEDS).sort()).toEqual(Object.keys(workspaceEvents).sort());
    expect(Object.keys(PEER_EVENT_NEEDS).sort()).toEqual(Object.keys(peerEvents).sort());
  });

  test('[M2] each role may what those before it may; without one only what anyone may', () => {
    for (const [i, has] of ROLES.entries()) {
      for (const [j, needs] of ROLES.entries()) {
        expect(allows(has, needs)).toBe(i >= j);
        expect(lesser(has, needs)).toBe(ROLES[Math.min(i, j)]);
      }
      expect(allows(has, 'node-owner')).toBe(false);
      expect(allows(undefined, has)).toBe(false);
    }
    expect(allows(undefined, 'anyone')).toBe(true);
  });

  test('[M2] [L7] an event that this release does not know is shown to nobody', () => {
    for (const role of ROLES) {
      expect(maySee(role, 'later.event')).toBe(false);
      expect(maySee(role, 'constructor')).toBe(false);
      expect(maySee(role, 'run.started')).toBe(true);
      expect(maySee(role, 'ticket.made')).toBe(role === 'owner');
    }
  });
});

describe('names', () => {
  test('[M3] people and devices are called what can be shown, and no two the same', () => {
    for (const good of ['alice', 'Ålice B.', '名前', 'a']) expect(givenName.parse(good)).toBe(good);
    for (const bad of ['', ' a', 'a ', 'a\nb', 'a\u001b[2J', 'a\u202eb', 'x'.repeat(65), '\u200b'])
      expect(givenName.safeParse(bad).success).toBe(false);
    expect(asGivenName(' al\u0007ice\n', 'somebody')).toBe('alice');
    expect(asGivenName('\u0000', 'somebody')).toBe('somebody');
    expect(freeGivenName('a', new Set(['a', 'a-2']))).toBe('a-3');
    expect(freeGivenName('x'.repeat(64), new Set(['x'.repeat(64)]))).toBe(`${'x'.repeat(62)}-2`);
  });

  test('[M3] a name that is too long is cut between letters, never within one', () => {
    const long = `a${'😀'.repeat(31)}`;
    expect(freeGivenName(long, new Set([long]))).toBe(`a${'😀'.repeat(30)}-2`);
    expect(asGivenName(`${long}😀`, 'somebody')).toBe(long);
  });

  test('[M3] nobody is called what is read as another, as whoever reads, or as the machine and its user', () => {
    const taken = new Set(['Alice Å.', 'bob', 'eve']);
    const like = [
      'alice å.',
      'Alice A\u030a.',
      'Alice\u2003Å.',
      'bob\u3164',
      'b\ufe0fob',
      'ｂｏｂ',
      'еve',
      'bοb',
      'ΒOB',
    ];
    for (const name of like) {
      expect(givenName.safeParse(name).success).toBe(true);
      expect([name, freeGivenName(name, taken)]).toEqual([name, `${name}-2`]);
    }
    for (const name of ['you', 'You', 'уou', 'its owner', 'its own user', 'the node', 'Skein'])
      expect(freeGivenName(name, new Set())).toBe(`${name}-2`);
    for (const name of ['bobby', 'éve', '名前', 'Борис']) expect(freeGivenName(name, taken)).toBe(name);
  });
});
