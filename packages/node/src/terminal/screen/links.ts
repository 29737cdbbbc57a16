/**
 * Hyperlinks (OSC 8): xterm.js keeps them apart from the cells, which bear their numbers. By itself it keeps any number of any
 * length, with a marker on each of their lines that every line feed moves; here the newest are kept, and no markers.
 */

import type { InternalLink, Internals } from './internals.ts';

/** Characters of a link's parameters and URI together, as other terminals bound them. A longer one is text without a link. */
const LINK_MAX = 2400;

/** Links kept: more than a screen and its history commonly have. Text of older ones stays, without a link. */
const LINKS_MAX = 4096;

interface StoredLink {
  number: number;
  uri: string;
  id?: string;
}

export interface StoredLinks {
  /** The number of the next link. Cells may still bear numbers of links that are gone. */
  next: number;
  links: StoredLink[];
}

export function boundLinks(core: Internals): void {
  const handler = core._inputHandler;
  const service = core._oscLinkService;
  const set = handler.setHyperlink.bind(handler);
  // The end of a link, in place of one that is too long.
  handler.setHyperlink = (data) => set(data.length > LINK_MAX ? ';' : data);
  service.registerLink = ({ id, uri }) => {
    const known = id === undefined ? undefined : service._entriesWithId.get(keyOf(id, uri));
    if (known !== undefined) return known.id;
    const link = addLink(core, { number: service._nextId++, uri, ...(id === undefined ? {} : { id }) });
    if (service._dataByLinkId.size > LINKS_MAX) dropOldest(core);
    return link.id;
  };
  service.addLineToLink = () => {};
}

export function storeLinks(core: Internals): StoredLinks {
  const service = core._oscLinkService;
  const links = [...service._dataByLinkId.values()].map(
    ({ id: number, data: { id, uri } }): StoredLink => ({ number, uri, ...(id === undefined ? {} : { id }) }),
  );
  return { next: service._nextId, links };
}

export function restoreLinks(core: Internals, { next, links }: StoredLinks): void {
  core._oscLinkService._nextId = next;
  for (const link of links) addLink(core, link);
}

function keyOf(id: string, uri: string): string {
  return `${id};;${uri}`;
}

function addLink(core: Internals, { number, uri, id }: StoredLink): InternalLink {
  const service = core._oscLinkService;
  const link: InternalLink = { id: number, data: { id, uri } };
  service._dataByLinkId.set(number, link);
  if (id !== undefined) service._entriesWithId.set(keyOf(id, uri), link);
  return link;
}

function dropOldest(core: Internals): void {
  const service = core._oscLinkService;
  const [oldest] = service._dataByLinkId.values();
  if (oldest === undefined) return;
  service._dataByLinkId.delete(oldest.id);
  const { id, uri } = oldest.data;
  if (id !== undefined) service._entriesWithId.delete(keyOf(id, uri));
}
