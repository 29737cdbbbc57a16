/**
 * The steps for a program in a terminal (A1, A2). What it "prints" to its driver are the reports of its hooks, a JSON line each
 * (reports.ts); what it shows comes as screens; what it is told is typed, or printed by a hook of its that waits
 * (`hookReply`).
 */
import { withdrawApproval } from '../calls.ts';
import type { PromptPart, StartSpec } from '../driver.ts';
import { denial, type Message, makeDriver } from '../make.ts';
import { claudeTools } from '../tools.ts';
import { claudeAnswer, onClaudeHook } from './claude.ts';
import { keysOf, paste } from './keys.ts';
import { ptySettings } from './options.ts';
import { report } from './reports.ts';
import { onScreen } from './screen.ts';
import { initial, MAX_HEARD, PTY_VERSION, type PtyState } from './state.ts';
import { type D, press, replyTo, settle } from './turns.ts';

export const pty = makeDriver<PtyState>({
  name: 'pty',
  version: PTY_VERSION,
  args,
  initial,
  begin() {},
  message: onReport,
  screen: onScreen,
  prompt(d, parts) {
    const text = parts.map(typed).join('\n');
    d.s.taken = false;
    d.s.typedInto = d.s.shown;
    d.s.busy = true;
    d.s.pressed = 0;
    d.s.command = text.startsWith('/');
    d.type(paste(text));
    press(d);
  },
  cancel(d) {
    d.type(keysOf(d.s.settings.cancel) ?? '\x1b');
  },
  answer(d, question, option, allowed, reason) {
    replyTo(d, String(question.request), claudeAnswer(question, option, allowed, denial(reason)));
    settle(d);
  },
  choose(d, what) {
    d.refuse(what, 'agent_request_failed', `In its own terminal the ${what} is chosen there.`);
  },
});

function onReport(d: D, message: Message, line: string): void {
  const parsed = report.safeParse(message);
  if (!parsed.success) return d.fault('agent_bad_message', 'A hook reported something malformed.', line);
  const told = parsed.data;
  if (d.s.heard.includes(told.id)) return;
  d.s.heard = [...d.s.heard, told.id].slice(-MAX_HEARD);
  if ('gone' in told) {
    withdrawApproval(d, told.gone);
    return settle(d);
  }
  const known = onClaudeHook(d, told.hook, told.data, told.id, told.waits ?? false);
  if (!known) d.note(`hook:${told.hook}`, line);
}

/** Where its settings are that name our hooks, only who starts it knows. */
function args({ options, resume, mode, model, tools }: StartSpec): string[] {
  if (ptySettings(options?.pty).hooks !== 'claude') return [];
  return [
    ...claudeTools(tools),
    ...(resume === undefined ? [] : ['--resume', resume.session]),
    ...(mode === undefined ? [] : ['--permission-mode', mode]),
    ...(model === undefined ? [] : ['--model', model]),
  ];
}

/** A part of a prompt as somebody at the terminal would give it. Pictures cannot be typed: it is told that there was one. */
function typed(part: PromptPart): string {
  if (part.type === 'text') return part.text;
  return part.type === 'file' ? `@${part.path}` : `(a picture, ${part.mime}, which cannot be typed)`;
}
