/** The screen as Ink's components: a column of header, panes, strips, prompt and footer. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { FrameView } from './frame.ts';
import type { PaneView } from './panes.ts';
import { Rows } from './rows.tsx';
import type { Slots } from './slots.ts';

interface Props {
  view: FrameView;
  slots: Slots;
}

export function App({ view, slots }: Props): ReactNode {
  const { cols, height } = view;
  return (
    <Box flexDirection="column" width={cols} height={height}>
      <Rows rows={[view.header]} slots={slots} width={cols} />
      <Box height={view.bodyRows} width={cols}>
        {view.panes.map((pane, i) => (
          <Pane key={i} pane={pane} slots={slots} height={view.bodyRows} parted={i > 0} />
        ))}
      </Box>
      <Rows rows={view.strips} slots={slots} width={cols} />
      <Rows rows={[view.status]} slots={slots} width={cols} />
      <Rows rows={view.input} slots={slots} width={cols} />
      <Rows rows={[view.footer]} slots={slots} width={cols} />
    </Box>
  );
}

interface PaneProps {
  pane: PaneView;
  slots: Slots;
  height: number;
  parted: boolean;
}

function Pane({ pane, slots, height, parted }: PaneProps): ReactNode {
  const rows = (pane.title.length > 0 ? [pane.title, ...pane.rows] : pane.rows).slice(0, height);
  return (
    <>
      {parted && (
        <Box width={1} flexShrink={0}>
          <Text dimColor>{Array.from({ length: height }, () => '│').join('\n')}</Text>
        </Box>
      )}
      <Box flexDirection="column" width={pane.width} height={height} flexShrink={0}>
        <Rows rows={rows} slots={slots} width={pane.width} />
      </Box>
    </>
  );
}
