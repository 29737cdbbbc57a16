/**
 * Loaded before a node under test: its connections to some ports of this machine are led to others, or refused, so that a test
 * can stand in a link that the node believes to be its own. The file named in SKEIN_TEST_LEADS says `{"port": port}`; 0 refuses.
 */
const { readFileSync } = require('node:fs');
const { Socket } = require('node:net');

const file = process.env.SKEIN_TEST_LEADS ?? '';
// What the node starts is not led.
delete process.env.NODE_OPTIONS;
delete process.env.SKEIN_TEST_LEADS;

/** A port of this machine where nobody listens. */
const NOBODY = 1;

const { connect } = Socket.prototype;
/** @type {(this: Socket, ...words: any[]) => Socket} */
function led(...words) {
  const options = Array.isArray(words[0]) ? words[0][0] : words[0];
  if (typeof options === 'object' && options.port !== undefined) {
    const to = JSON.parse(readFileSync(file, 'utf8'))[options.port];
    if (to !== undefined) options.port = to === 0 ? NOBODY : to;
  }
  return Reflect.apply(connect, this, words);
}
Socket.prototype.connect = /** @type {typeof connect} */ (led);
