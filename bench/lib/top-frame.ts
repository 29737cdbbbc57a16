/** Times frames of `skein top`; see top-frames.ts. */
import type { LoadAnswer } from '@skein/protocol/machines/load';
import { InkScreen } from '../../packages/cli/src/chat/view/ink-screen.tsx';
import { TopApp } from '../../packages/cli/src/top/app.tsx';
import { frameOf } from '../../packages/cli/src/top/frame.ts';
import { TopState } from '../../packages/cli/src/top/state.ts';
import { median } from './stats.ts';

/** Frames at a width, and rows of the terminal. */
const FRAMES = 200;
const ROWS = 60;

/** Milliseconds from what was told to the lines of a frame: the median. */
export function frame(answer: LoadAnswer, cols: number): number {
  const ink = new InkScreen(TopApp, true);
  const times: number[] = [];
  for (let n = 0; n < FRAMES; n++) {
    const state = new TopState();
    state.size = { cols, rows: ROWS };
    const began = performance.now();
    state.told(answer);
    ink.lines(frameOf(state, began));
    times.push(performance.now() - began);
  }
  ink.stop();
  return median(times);
}
