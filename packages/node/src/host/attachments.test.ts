/** Whose input is remembered: everybody's who is connected, and of the others the newest (rule H3). */
import { expect, test } from 'vitest';
import { Attachments } from './attachments.ts';

const byte = Buffer.from('x');
/** More than are remembered. */
const MANY = 1000;

test('[H3] the input of who is connected is remembered, however many others type', () => {
  const viewers = new Set([{ attachment: 'person' }]);
  const attachments = new Attachments(viewers);
  attachments.fresh('person', 0, Buffer.from('abc'), 0);
  for (let i = 0; i < MANY; i++) {
    const tool = { attachment: `tool ${i}` };
    viewers.add(tool);
    attachments.fresh(tool.attachment, 0, byte, 0);
    viewers.delete(tool);
  }
  expect(attachments.acceptedOf('person')).toBe(3);
  expect(attachments.fresh('person', 3, byte, 0)).toEqual(byte);
  expect(attachments.acceptedOf(`tool ${MANY - 1}`)).toBe(1);
  expect(attachments.acceptedOf('tool 0')).toBe(0);
});

test('[H3] nobody who is connected is forgotten for another who is; once they are gone, they are', () => {
  const viewers = new Set<{ attachment: string }>();
  const attachments = new Attachments(viewers);
  const names = Array.from({ length: MANY }, (_, i) => `person ${i}`);
  for (const attachment of names) {
    viewers.add({ attachment });
    attachments.fresh(attachment, 0, byte, 0);
  }
  expect(names.every((name) => attachments.acceptedOf(name) === 1)).toBe(true);
  viewers.clear();
  attachments.fresh('one more', 0, byte, 0);
  expect(names.filter((name) => attachments.acceptedOf(name) === 1).length).toBeLessThan(MANY / 2);
});
