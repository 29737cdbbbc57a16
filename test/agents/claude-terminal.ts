/** Claude Code in a terminal, as somebody has it who has used it before. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DUMMY_KEY, type Place } from './site.ts';

export function settle({ home, cwd }: Place): void {
  const approved = [DUMMY_KEY.slice(-20)];
  const projects = { [cwd]: { hasTrustDialogAccepted: true } };
  const settings = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved },
    projects,
  };
  writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
}
