/** The recordings are those of the pinned agents, whole, and hold nothing of the machine they were made on. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PINS } from '../../scripts/agents/pins.ts';
import { RAW_AGENTS } from './all.ts';
import { readRecordings } from './recordings.ts';
import { SCENE_NAMES } from './scenes.ts';
import { Scrubber } from './scrub.ts';
import { DUMMY_KEY } from './site.ts';

const recordings = readRecordings();

test('there is one of every scene, by the version that is pinned', () => {
  for (const { name } of RAW_AGENTS) {
    const own = recordings.filter(({ agent }) => agent === name);
    expect(new Set(own.map(({ scene }) => scene))).toEqual(new Set(SCENE_NAMES));
    expect(new Set(own.map(({ version }) => version))).toEqual(new Set([PINS[name].version]));
  }
});

test.each(recordings.map((recording) => [`${recording.agent} ${recording.run}`, recording] as const))(
  '%s is scrubbed, and goes forward in time',
  (_, { lines }) => {
    const again = new Scrubber([]);
    const texts = lines.map(({ frame, text }) => JSON.stringify(frame ?? text));
    expect(
      lines.map(({ frame, text }) => JSON.stringify(frame ? again.frame(frame) : again.text(text ?? ''))),
    ).toEqual(texts);
    expect(texts.filter((text) => /\/tmp\/skein|\/root\//.test(text) || text.includes(DUMMY_KEY))).toEqual(
      [],
    );
    const times = lines.map(({ ms }) => ms);
    expect(times).toEqual(times.toSorted((one, two) => one - two));
  },
);

test('scrubbing keeps what refers to what, and is the same twice', () => {
  const frame = fc.record({
    id: fc.uuid(),
    path: fc.constantFrom('/tmp/x/home/a', '/tmp/x/work/b'),
    at: fc
      .date({ noInvalidDate: true, min: new Date('2000-01-01'), max: new Date('2099-01-01') })
      .map((at) => at.toISOString()),
    durationMs: fc.nat(),
    text: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const names = [['/tmp/x/home', '/home/agent'] as const, ['/tmp/x/work', '/work'] as const];
      const first = new Scrubber(names);
      const clean = frames.map((one) => first.frame(one));
      const ids = (of: { id?: unknown }[]) => of.map((one) => of.findIndex(({ id }) => id === one.id));
      expect(ids(clean)).toEqual(ids(frames));
      expect(JSON.stringify(clean)).not.toContain('/tmp/x');
      const second = new Scrubber(names);
      expect(clean.map((one) => second.frame(one))).toEqual(clean);
    }),
  );
});
