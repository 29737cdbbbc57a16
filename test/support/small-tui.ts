/**
 * A small program with an interface of its own, and without hooks: it takes what is pasted or typed up to Enter, works on
 * it until its working directory has a file `go` (unless that is there already), and says it back. `ask` makes it ask first.
 */
import fs from 'node:fs';

process.stdin.setRawMode(true);
const out = (text: string) => process.stdout.write(text);
let line = '';
let at = 'idle';
let timer: NodeJS.Timeout | undefined;

function idle(said: string) {
  at = 'idle';
  line = '';
  out(`\x1b[2J\x1b[H${said}\r\n--\r\n> `);
}

function work(text: string) {
  at = 'working';
  out(`\x1b[2J\x1b[H(busy)\r\n`);
  timer = setInterval(() => {
    if (!fs.existsSync('go')) return;
    clearInterval(timer);
    fs.appendFileSync('heard', `${text}\n`);
    idle(`You said: ${text}`);
  }, 20);
}

process.stdin.on('data', (data) => {
  for (const key of data.toString('latin1').replace(/\x1b\[20[01]~/g, '')) {
    if (at === 'asking') {
      if (key === 'y') work(line);
      else if (key === 'n') idle('Then not.');
    } else if (at === 'working') {
      if (key === '\x1b') {
        clearInterval(timer);
        idle('Stopped.');
      }
    } else if (key !== '\r') {
      line += key;
      out(key);
    } else if (line.startsWith('ask')) {
      at = 'asking';
      out('\x1b[2J\x1b[HReally? [y/n] ');
    } else work(line);
  }
});
idle('Hello.');
