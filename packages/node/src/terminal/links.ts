/** Hyperlinks (OSC 8) in a stored screen: xterm.js keeps them apart from the cells, with a marker on each of their lines. */

import type { InternalBuffer, InternalLink, Internals } from './internals.ts';

export interface StoredLink {
  number: number;
  uri: string;
  id?: string;
}

export function storeLinks(core: Internals): StoredLink[] {
  return [...core._oscLinkService._dataByLinkId.values()].map((link) => ({
    number: link.id,
    uri: link.data.uri,
    ...(link.data.id === undefined ? {} : { id: link.data.id }),
  }));
}

/** Registers the links again, each with markers on the lines that use it, so that it goes when they go. */
export function restoreLinks(core: Internals, links: StoredLink[]): void {
  const service = core._oscLinkService;
  const uses = linesByLink(core);
  for (const { number, uri, id } of links) {
    const link: InternalLink = { id: number, data: { id, uri }, lines: [] };
    if (id !== undefined) link.key = `${id};;${uri}`;
    for (const [buffer, row] of uses.get(number) ?? [[core.buffers.active, cursorRow(core)] as const]) {
      const marker = buffer.addMarker(row);
      link.lines.push(marker);
      marker.onDispose(() => service._removeMarkerFromLink(link, marker));
    }
    service._dataByLinkId.set(number, link);
    if (link.key !== undefined) service._entriesWithId.set(link.key, link);
    service._nextId = Math.max(service._nextId, number + 1);
  }
}

function cursorRow(core: Internals): number {
  return core.buffers.active.ybase + core.buffers.active.y;
}

type Use = readonly [buffer: InternalBuffer, row: number];

function linesByLink(core: Internals): Map<number, Use[]> {
  const uses = new Map<number, Use[]>();
  for (const buffer of [core.buffers.normal, core.buffers.alt]) {
    for (let row = 0; row < buffer.lines.length; row++) {
      const attrs = Object.values(buffer.lines.get(row)?._extendedAttrs ?? {});
      for (const number of new Set(attrs.map((extended) => extended?._urlId ?? 0))) {
        if (number !== 0) uses.set(number, [...(uses.get(number) ?? []), [buffer, row]]);
      }
    }
  }
  return uses;
}
