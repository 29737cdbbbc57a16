/** Hyperlinks (OSC 8) in a stored screen: xterm.js keeps them apart from the cells, with a marker on each of their lines. */

import type { InternalLink, Internals } from './internals.ts';

interface StoredLink {
  number: number;
  uri: string;
  id?: string;
  /** Rows of the normal and of the alternate buffer. */
  lines: [normal: number[], alternate: number[]];
}

export interface StoredLinks {
  /** The number of the next link. Cells may still bear numbers of links that are gone. */
  next: number;
  links: StoredLink[];
}

export function storeLinks(core: Internals): StoredLinks {
  const service = core._oscLinkService;
  const buffers = [core.buffers.normal, core.buffers.alt];
  const links = [...service._dataByLinkId.values()].map((link) => {
    const [normal = [], alternate = []] = buffers.map((buffer) =>
      link.lines.filter((marker) => buffer.markers.includes(marker)).map((marker) => marker.line),
    );
    const { id, uri } = link.data;
    return {
      number: link.id,
      uri,
      ...(id === undefined ? {} : { id }),
      lines: [normal, alternate],
    } satisfies StoredLink;
  });
  return { next: service._nextId, links };
}

/** Registers the links again, each with its markers, so that it goes when the lines that it is on go. */
export function restoreLinks(core: Internals, { next, links }: StoredLinks): void {
  const service = core._oscLinkService;
  service._nextId = next;
  for (const { number, uri, id, lines } of links) {
    const link: InternalLink = { id: number, data: { id, uri }, lines: [] };
    if (id !== undefined) link.key = `${id};;${uri}`;
    [core.buffers.normal, core.buffers.alt].forEach((buffer, i) => {
      for (const line of lines[i] ?? []) {
        const marker = buffer.addMarker(line);
        link.lines.push(marker);
        marker.onDispose(() => service._removeMarkerFromLink(link, marker));
      }
    });
    service._dataByLinkId.set(number, link);
    if (link.key !== undefined) service._entriesWithId.set(link.key, link);
  }
}
