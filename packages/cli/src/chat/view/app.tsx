/** The screen as Ink's components: a column of header, panes, strips, prompt and footer. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { type Row, toAnsi } from '../model/style.ts';
import type { FrameView } from './frame.ts';
import type { PaneView } from './panes.ts';

interface Props {
  view: FrameView;
  colours: boolean;
}

export function App({ view, colours }: Props): ReactNode {
  const { cols, rows } = view;
  return (
    <Box flexDirection="column" width={cols} height={rows} overflow="hidden">
      <Rows rows={[view.header]} colours={colours} />
      <Box height={view.bodyRows} width={cols} overflow="hidden">
        {view.panes.map((pane, i) => (
          <Pane
            // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place.
            key={i}
            pane={pane}
            colours={colours}
            height={view.bodyRows}
            parted={i > 0}
          />
        ))}
      </Box>
      <Rows rows={view.strips} colours={colours} />
      <Rows rows={[view.status]} colours={colours} />
      <Rows rows={view.input} colours={colours} />
      <Rows rows={[view.footer]} colours={colours} />
    </Box>
  );
}

interface PaneProps {
  pane: PaneView;
  colours: boolean;
  height: number;
  parted: boolean;
}

function Pane({ pane, colours, height, parted }: PaneProps): ReactNode {
  const bar = Array.from({ length: height }, () => '│').join('\n');
  return (
    <>
      {parted && (
        <Box width={1} flexShrink={0}>
          <Text dimColor>{bar}</Text>
        </Box>
      )}
      <Box flexDirection="column" width={pane.width} height={height} flexShrink={0} overflow="hidden">
        {pane.title.length > 0 && <Rows rows={[pane.title]} colours={colours} />}
        <Rows rows={pane.rows} colours={colours} />
      </Box>
    </>
  );
}

/** One text a group of rows: what Ink lays out is few, however many rows there are. */
function Rows({ rows, colours }: { rows: readonly Row[]; colours: boolean }): ReactNode {
  if (rows.length === 0) return null;
  return (
    <Box height={rows.length} flexShrink={0} overflow="hidden">
      <Text wrap="truncate-end">{rows.map((row) => toAnsi(row, colours) || ' ').join('\n')}</Text>
    </Box>
  );
}
