/** Other nodes as a table for people. */
import type { NodeAnswer } from '@skein/protocol/peers/asks';
import type { Paint } from '@skein/protocol/text/paint';
import { type Cell, table } from '@skein/protocol/text/table';
import { visible } from '@skein/protocol/text/words';
import { bytesText } from './bytes-text.ts';

export function nodesTable(nodes: readonly NodeAnswer[], paint: Paint): string {
  // Told only where there is something to tell.
  const runs = nodes.some(({ agents = [] }) => agents.length > 0);
  const more = runs ? ['AGENTS FROM HERE'] : [];
  const head = ['NODE', 'PATH', 'ROUND TRIP', 'IN', 'OUT', 'SESSIONS', ...more, 'PEER'];
  const rows: Cell[][] = [head.map((text) => ({ text, paint: paint.dim }))];
  for (const node of nodes)
    rows.push([
      { text: visible(nodeText(node)), paint: paint.bold },
      pathCell(node, paint),
      {
        text:
          node.rtt === undefined ? '-' : `${node.rtt < 10 ? node.rtt.toFixed(1) : Math.round(node.rtt)} ms`,
      },
      { text: bytesText(node.bytesIn) },
      { text: bytesText(node.bytesOut) },
      { text: node.sessions.map(({ name }) => visible(name)).join(', ') || '-' },
      ...(runs ? [{ text: (node.agents ?? []).map(visible).join(', ') || '-' }] : []),
      { text: node.peer, paint: paint.dim },
    ]);
  return table(rows);
}

/** What it is called here; else whose it is. */
function nodeText({ name, people }: NodeAnswer): string {
  if (name !== '') return name;
  return people.length === 0 ? '-' : `(${people.join(', ')})`;
}

function pathCell({ path, via, blocked }: NodeAnswer, paint: Paint): Cell {
  if (blocked) return { text: 'blocked', paint: paint.red };
  if (path === 'direct') return { text: 'direct', paint: paint.green };
  if (path === 'relayed') return { text: `relayed by ${via ?? 'a relay'}`, paint: paint.yellow };
  return { text: 'none', paint: paint.dim };
}
