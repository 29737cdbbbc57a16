/** Programs that run others: what of a command's words is the command that is meant, and whether more may be (rule A5). Pure. */

const wordsOf = (text: string) => new Set(text.split(' '));
/** They run the words behind them, if no option of their own comes first; some are words of the shell's language. */
const PLAIN_PREFIXES = wordsOf(
  'sudo doas env command exec builtin nohup time nice ionice setsid stdbuf noglob nocorrect' +
    ' if then elif else while until do ! coproc',
);
const SHELLS = wordsOf('sh bash zsh dash ash ksh mksh fish csh tcsh pwsh busybox toybox');
/** They run a command that stands anywhere in their words, or that these do not tell. */
const RUNNERS = wordsOf(
  'eval . source trap alias hash xargs parallel timeout chroot unshare nsenter su runuser pkexec sg setpriv capsh chrt' +
    ' taskset flock fakeroot proot ssh mosh watch entr script expect unbuffer strace ltrace gdb lldb tmux screen at' +
    ' batch crontab systemd-run bwrap firejail osascript cmd',
);
/** Of these the last words of the command come from elsewhere. */
const FED: readonly string[] = ['xargs', 'parallel'];
const INTERPRETER = /^(python|pypy|perl|ruby|node|nodejs|deno|bun|php|lua|luajit|tclsh|rscript)[\d.]*$/;
/** Options that give an interpreter no text to run. */
const NO_TEXT: readonly string[] = ['-m', '-V', '-v', '--version', '--help', '--test', '--check'];
/** What gives git a command to run, or another name for one: an option before its own commands, or a word behind. */
const GIT_OPTION = /^(-c|--config-env.*|--exec-path.*)$/;
const GIT_WORD = /^(foreach|bisect|filter-branch|--exec.*|--extcmd.*)$|alias\./i;
/** Variables by which programs find what they run. */
const TELLING =
  /^(PATH|ENV|BASH_ENV|SHELL|IFS|PS4|(LD|DYLD|GIT)_\w*|\w*(PAGER|EDITOR|VISUAL|BROWSER|COMMAND|OPTS|OPTIONS))$/;
const ASSIGNED = /^([A-Za-z_]\w*)\+?=(.*)$/s;
/** With any other letter it may be called otherwise than it is written. */
const PROGRAM = /^[\w./@%+:~,-]+$/;
/** Words of one command that are looked at; options in front of what it is to do. */
const MAX_WORDS = 64;
const MAX_OPTIONS = 16;

/** Of a program's path its name, as file systems that know no capitals would find it. */
export function nameOf(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1).toLowerCase();
}

/** What is behind assignments and what only prepares a command. */
function unprefixed(words: readonly string[]): { words: readonly string[]; values: string[]; told: boolean } {
  const values: string[] = [];
  let told = false;
  let at = 0;
  for (; at < words.length - 1; at += 1) {
    const [word = '', next = '', later] = words.slice(at, at + 3);
    const [, name, value = ''] = ASSIGNED.exec(word) ?? [];
    if (name !== undefined) {
      values.push(value);
      told ||= TELLING.test(name) || /\s/.test(value);
    } else if (nameOf(word) === 'timeout' && /^[\d.]+[smhd]?$/.test(next) && later !== undefined) at += 1;
    else if (!PLAIN_PREFIXES.has(nameOf(word)) || next.startsWith('-')) break;
  }
  return { words: words.slice(at), values, told };
}

export interface Unwrapped {
  /** The commands that the words may run, each as its words. */
  commands: (readonly string[])[];
  /** What may be commands of their own. */
  texts: string[];
  /** That is all: nothing else is run but by the program itself. */
  plain: boolean;
}

/** What is run by a command of these words. */
export function unwrapped(given: readonly string[]): Unwrapped {
  const { words, values, told } = unprefixed(given);
  const [program = '', ...all] = words;
  const name = nameOf(program);
  const args = FED.includes(name) ? [...all, '…'] : all;
  const runs = isRunner(name, args);
  const starts = runs ? args.slice(0, MAX_WORDS).map((_, at) => args.slice(at, at + MAX_WORDS)) : [];
  return {
    commands: [words, ...starts].flatMap((one) => [one, ...withoutOptions(one)]),
    texts: [...values, ...(runs ? args : [])].filter((one) => /\s/.test(one)),
    plain: !runs && !told && !isCut(words) && PROGRAM.test(program) && !isTold(name, args),
  };
}

function isCut(words: readonly string[]): boolean {
  return words.length > MAX_WORDS || withoutOptions(words).length >= MAX_OPTIONS;
}

function isRunner(name: string, args: readonly string[]): boolean {
  if (RUNNERS.has(name) || SHELLS.has(name)) return true;
  if (PLAIN_PREFIXES.has(name)) return args.length > 0;
  if (name === 'find') return args.some((one) => /^-(exec|ok)/.test(one));
  return args.some((one, at) => SHELLS.has(nameOf(one)) && at < args.length - 1);
}

/** Whether the words tell a program what else to run, in a language that is not looked into. */
function isTold(name: string, args: readonly string[]): boolean {
  if (/^[gmn]?awk$/.test(name)) return args.some((one) => /system|[|@]/.test(one));
  if (name === 'git') {
    const early = args[0]?.startsWith('-') && args.some((one) => GIT_OPTION.test(one));
    return early || args.some((one) => GIT_WORD.test(one) || (one === '-x' && !args.includes('clean')));
  }
  if (!INTERPRETER.test(name)) return false;
  const script = args.findIndex((one) => !one.startsWith('-'));
  const options = script < 0 ? args : args.slice(0, script);
  return args[0] === 'eval' || options.some((one) => !NO_TEXT.includes(one));
}

/** `git -C x push` is `git push`: each option in front may or may not have a value. */
function withoutOptions([program = '', ...args]: readonly string[]): string[][] {
  const isOption = (at: number) => args[at]?.startsWith('-') === true;
  const out: string[][] = [];
  if (program.startsWith('-')) return out;
  for (let at = 1; at <= MAX_OPTIONS && at < args.length && (isOption(at - 1) || isOption(at - 2)); at += 1)
    out.push([program, ...args.slice(at)]);
  return out;
}
