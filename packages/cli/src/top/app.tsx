/** The screen of `skein top` as Ink's components: rows, one below the other. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Rows } from '../chat/view/rows.tsx';
import type { Slots } from '../chat/view/slots.ts';
import type { TopView } from './frame.ts';

export function TopApp({ view, slots }: { view: TopView; slots: Slots }): ReactNode {
  return (
    <Box flexDirection="column" width={view.cols} height={view.height}>
      <Rows rows={view.lines} slots={slots} width={view.cols} />
    </Box>
  );
}
