/** How what an agent does looks, in one sign. */
import type { Doing } from '@skein/protocol/agents/state';
import { BOLD, DIM, GREEN, RED, type Row, span, YELLOW } from '../model/style.ts';
import { columns, fitted } from '../model/width.ts';

export const LOOKS: Record<Doing, { mark: string; style: number }> = {
  starting: { mark: '◌', style: YELLOW },
  resting: { mark: '◌', style: YELLOW },
  stopped: { mark: '■', style: DIM },
  exited: { mark: '■', style: DIM },
  failed: { mark: '✗', style: RED },
  idle: { mark: '○', style: GREEN },
  working: { mark: '●', style: GREEN },
  waiting: { mark: '?', style: YELLOW | BOLD },
  stuck: { mark: '!', style: RED },
};

/** A line across the screen with words at its beginning. */
export function ruleRow(title: string, cols: number, style = DIM): Row {
  const text = fitted(`─ ${title} `, cols);
  return [span(text, style), span('─'.repeat(Math.max(0, cols - columns(text))), DIM)];
}
