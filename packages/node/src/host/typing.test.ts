import { expect, test } from 'vitest';
import { Typing, type Typist } from './typing.ts';

/** What is told, and the one who tells it. */
function telling() {
  const told: Typist[][] = [];
  const typing: Typing = new Typing(() => {
    told.push(typing.since);
    typing.told();
  });
  return { typing, told };
}

test('[M3] each who types is told of, in the order of their last typing, however fast they take turns', () => {
  const { typing, told } = telling();
  for (const [i, who] of ['a', 'b', 'b', 'c', 'a', 'b'].entries()) typing.by(who, i);
  expect(typing.last).toEqual({ who: 'b', offset: 5 });
  typing.end();
  expect(told).toEqual([
    [{ who: 'a', offset: 0, n: 1 }],
    [
      { who: 'c', offset: 3, n: 3 },
      { who: 'a', offset: 4, n: 4 },
      { who: 'b', offset: 5, n: 5 },
    ],
  ]);
});

test('[M3] a program that ends at once has told who typed, and nothing twice', () => {
  const { typing, told } = telling();
  typing.end();
  typing.by('a', 0);
  typing.end();
  expect(told.map((one) => one.map(({ who }) => who))).toEqual([['a']]);
});

test('[M3] of very many the last are told of', () => {
  const { typing } = telling();
  for (let i = 0; i < 1_000; i++) typing.by(`who ${i}`, i);
  expect(typing.since).toHaveLength(32);
  expect(typing.since.at(-1)).toEqual({ who: 'who 999', offset: 999, n: 1_000 });
  typing.end();
});
