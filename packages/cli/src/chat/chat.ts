/** `skein chat` itself, bundled apart from the rest of the program: nothing but words and an exit status passes between. */
import { hasTerminal } from '../attach/user-terminal.ts';
import { reportError } from '../output/errors.ts';
import { wantsColours } from '../output/paint.ts';
import { openLink } from './link.ts';

export interface ChatOptions {
  home: string;
  ref: string;
  json: boolean;
  plain: boolean;
  noColor: boolean;
}

/** Resolves with the exit status; what went wrong has been told. */
export async function chat({ home, ref, json, plain, noColor }: ChatOptions): Promise<number> {
  let told: (state: 'lost' | 'back') => void = () => {};
  try {
    const link = await openLink(home, ref, (state) => told(state));
    if (json || plain || !hasTerminal()) {
      const { PlainChat } = await import('./plain.ts');
      const chat = new PlainChat(link, json);
      told = (state) => chat.connection(state);
      return await chat.run();
    }
    const { ChatScreen } = await import('./screen.ts');
    const screen = new ChatScreen(link, wantsColours(noColor));
    told = (state) => screen.connection(state);
    return await screen.run();
  } catch (error) {
    return reportError(error, json);
  }
}
