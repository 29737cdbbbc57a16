/** What agents ask, as people see it (rule A5). */
import { NONE } from '@skein/protocol/text/paint';
import { expect, test } from 'vitest';
import type { Waiting } from '../../agents/waiting-approvals.ts';
import { approvalsTable, askedLine, notification } from './table.ts';

const ONE: Waiting = {
  ...{ approval: 'abcdefghijkl.a1', agent: 'A', run: 'abcdefghijkl', turn: 't1', call: 'c', tool: 'Write' },
  ...{
    kind: 'edit',
    title: '/w/a.txt',
    detail: '{"content":"AAA"}',
    paths: ['/w/a.txt'],
    options: [],
    offset: 9,
  },
  ...{ at: 1_000, session: 'S', sessionName: 'api', agentName: 'claude', yours: true, node: null },
};

test('a line each, with how to answer, for whoever may', () => {
  expect(approvalsTable([ONE], NONE, 61_000)).toBe(
    [
      'ID       AGENT       AGE  KIND  WHAT',
      'abcd.a1  api/claude  1m   edit  Write /w/a.txt',
      'skein approve abcd.a1 · skein deny abcd.a1 · --always for the like of it',
      '',
    ].join('\n'),
  );
  const away = { ...ONE, node: 'laptop', yours: false };
  expect(approvalsTable([away], NONE, 0)).toMatch(
    /laptop:abcd\.a1 {2}laptop:api\/claude .*\nYou may look on/,
  );
});

test('nothing that an agent says moves the cursor or ends a notification early', () => {
  const evil = { ...ONE, title: 'a\x07\x1b]0;title\x07\nb;c', paths: [] };
  expect(askedLine(evil, [], NONE)).not.toMatch(/[\x00-\x1f]/);
  const sent = notification('api asks', evil.title);
  expect(sent.match(/\x07/g)).toHaveLength(3);
  expect(sent.match(/\x1b/g)).toHaveLength(2);
  expect(sent).toMatch(/\x1b\]777;notify;api asks;[^;]*\x07$/);
});
