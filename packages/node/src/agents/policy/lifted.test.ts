/** What the user has agreed to of a workspace, and an agent that works there could take away: its denials (rule A5). */
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeSite, type Site } from '../definitions/site.fixture.ts';
import { Trust, workspaceFiles } from '../definitions/trust.ts';
import { judging } from './judging.fixture.ts';

const POLICY = 'rules:\n  - deny: {path: secret/**}\n';
const DEFINITION = 'driver: claude\ncommand: claude\npermissions:\n  - deny: {path: gen/**}\n';

let site: Site;
let edits: (...paths: string[]) => string | undefined;
let said: string[];

beforeEach(async () => {
  site = makeSite();
  site.own('policy.yaml', 'rules:\n  - allow: Edit\n');
  site.theirs('policy.yaml', POLICY);
  site.theirs('agents/claude.yaml', DEFINITION);
  new Trust(site.home).agree(site.workspace, workspaceFiles(site.workspace));
  ({ edits, said } = await judging(site));
  expect(['secret/a', 'gen/a', 'src/a'].map((one) => edits(one))).toEqual(['deny', 'deny', 'allow']);
});

const theirs = (...names: string[]) => path.join(site.workspace, '.skein', ...names);

/** Everything is asked about, and it is said why. */
function expectAsked(): void {
  expect(['secret/a', 'src/a'].map((one) => edits(one))).toEqual([undefined, undefined]);
  expect(said.join()).toContain('agreed to');
}

test('[A5] a denial that was agreed to is not lifted by changing the policy', () => {
  fs.writeFileSync(theirs('policy.yaml'), 'rules: []\n');
  expectAsked();
  expect(edits('gen/a')).toBe('deny');
  fs.writeFileSync(theirs('policy.yaml'), POLICY);
  expect(['secret/a', 'src/a'].map((one) => edits(one))).toEqual(['deny', 'allow']);
});

test('[A5] nor by removing it, or the directory that it is in', () => {
  fs.renameSync(theirs('policy.yaml'), theirs('away.yaml'));
  expectAsked();
  fs.rmSync(theirs(), { recursive: true });
  expectAsked();
});

test("[A5] nor by changing or removing the definition, where the user's own or a built-in one stands in for it", () => {
  fs.writeFileSync(theirs('agents/claude.yaml'), 'driver: claude\ncommand: claude\n');
  expect([edits('gen/a'), edits('secret/a')]).toEqual([undefined, 'deny']);
  fs.rmSync(theirs('agents/claude.yaml'));
  expect([edits('gen/a'), edits('secret/a')]).toEqual([undefined, 'deny']);
});

test('[A5] nor by a nearer directory of its own, or the root of another repository', async () => {
  const deep = path.join(site.workspace, 'src', 'deep');
  fs.mkdirSync(deep, { recursive: true });
  const there = await judging({ ...site, workspace: deep });
  const looks = () => ['../../secret/a', '../../gen/a', 'a'].map((one) => there.edits(one));
  expect(looks()).toEqual(['deny', 'deny', 'allow']);
  fs.mkdirSync(path.join(deep, '.git'));
  expect(looks()).toEqual(['deny', 'deny', 'allow']);
  fs.mkdirSync(path.join(site.workspace, 'src', '.skein'));
  expect(looks()).toEqual(['deny', 'deny', 'allow']);
});

test("[A5] in a worktree what was agreed to of its base holds as well, from the worktree's root", async () => {
  const tree = path.join(path.dirname(site.workspace), 'tree');
  fs.mkdirSync(path.join(tree, 'src'), { recursive: true });
  const there = await judging({ ...site, workspace: tree }, undefined, {}, undefined, site.workspace);
  const looks = () => ['secret/a', 'gen/a', 'src/a'].map((one) => there.edits(one));
  expect(looks()).toEqual(['deny', 'deny', 'allow']);
  fs.writeFileSync(theirs('policy.yaml'), 'rules: []\n');
  expect(looks()).toEqual([undefined, 'deny', undefined]);
  new Trust(site.home).withdraw(site.workspace);
  expect(looks()).toEqual(['allow', 'allow', 'allow']);
});

test('[A3] what was agreed to and is not any more in force is asked about no longer', () => {
  fs.writeFileSync(theirs('policy.yaml'), 'rules: []\n');
  expectAsked();
  new Trust(site.home).withdraw(site.workspace);
  expect(edits('secret/a')).toBe('allow');
});

test('[A5] nor by damage to what was noted of it, which is not written over either', () => {
  const noted = path.join(site.home, 'trusted.json');
  const whole = fs.readFileSync(noted);
  fs.writeFileSync(noted, whole.subarray(0, whole.length / 2));
  expectAsked();
  const trust = new Trust(site.home);
  const again = () => trust.agree(site.workspace, workspaceFiles(site.workspace));
  expect(again).toThrow(`${noted}:1:1: it is damaged`);
  fs.rmSync(noted);
  again();
  expect(['secret/a', 'src/a'].map((one) => edits(one))).toEqual(['deny', 'allow']);
});
