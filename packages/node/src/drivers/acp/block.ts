/** A part of a prompt as ACP has it (A4). */
import type { PromptPart } from '../driver.ts';
import type * as wire from './wire.ts';

export function block(part: PromptPart): wire.ContentBlock {
  if (part.type === 'text') return { type: 'text', text: part.text };
  if (part.type === 'image') return { type: 'image', mimeType: part.mime, data: part.data };
  const name = part.path.slice(part.path.lastIndexOf('/') + 1);
  // Of a whole URI it leaves what would end the path.
  const place = encodeURI(part.path).replace(/[?#]/g, encodeURIComponent);
  return { type: 'resource_link', name, uri: `file://${place}` };
}
