/** `skein top` on a terminal, bundled apart from the rest of the program: nothing but words and an exit status passes between. */
import { connectLasting } from '../connect/lasting.ts';
import { reportError } from '../output/errors.ts';
import { wantsColours } from '../output/paint.ts';
import type { Sort } from './order.ts';
import { TopScreen } from './screen.ts';

export interface TopCall {
  home: string;
  noColor: boolean;
  /** Milliseconds between two looks. */
  every: number;
  sort: Sort;
  filter: string;
}

/** Resolves with the exit status; what went wrong has been told. */
export async function top({ home, noColor, every, sort, filter }: TopCall): Promise<number> {
  let screen: TopScreen | undefined;
  try {
    const client = await connectLasting(home, undefined, 'skein top', (state) => screen?.connection(state));
    screen = new TopScreen(client, { home, colours: wantsColours(noColor), every, sort, filter });
    return await screen.run();
  } catch (error) {
    return reportError(error, false);
  }
}
