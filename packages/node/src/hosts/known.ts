/** What the node knows of a host that it is connected to, and what it asks it for. */
import type { HostKind } from '@skein/protocol/host/kind';
import type { HostLink } from './link.ts';

export interface Host {
  id: string;
  kind: HostKind;
  link: HostLink;
  runtime: string;
  draining: boolean;
  runs: Set<string>;
}

export interface HostInfo {
  id: string;
  pid: number;
  version: string;
  runs: number;
  draining: boolean;
  kind: HostKind;
}

/** A program in its host. */
export interface Placed {
  host: string;
  pid: number;
  start: string;
}

export function infoOf({ id, kind, link, draining, runs }: Host): HostInfo {
  return { id, kind, pid: link.pid, version: link.version, runs: runs.size, draining };
}

/** The program of a run, if that host holds it. */
export async function placedIn({ id, link }: Host, run: string): Promise<Placed | undefined> {
  const { runs } = await link.request('list', {});
  const info = runs.find((r) => r.run === run);
  return info && { host: id, pid: info.pid, start: info.start };
}
