/** Rows that have been laid out already, as one of Ink's texts. */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { Row } from '../model/style.ts';
import type { Slots } from './slots.ts';

interface Props {
  rows: readonly Row[];
  slots: Slots;
  width: number;
}

/** One text a group of rows: what Ink lays out is few, however many rows there are. */
export function Rows({ rows, slots, width }: Props): ReactNode {
  if (rows.length === 0) return null;
  return (
    <Box height={rows.length} flexShrink={0}>
      <Text>{rows.map((row) => slots.put(row, width)).join('\n')}</Text>
    </Box>
  );
}
