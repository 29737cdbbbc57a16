/** `skein completion`: the rest of a word, at a key of the shell. */
import type { CommandSpec } from '../../invocation/spec.ts';

export const completion: CommandSpec = {
  name: 'completion',
  summary: 'have your shell complete commands, options and the names of what there is',
  details: `bash: echo 'eval "$(skein completion bash)"' >> ~/.bashrc
zsh:  echo 'source <(skein completion zsh)' >> ~/.zshrc     (below compinit)
fish: skein completion fish > ~/.config/fish/completions/skein.fish
Sessions, agents, nodes and workspaces are those of the node that runs; it is not started for that.
What the shells ask is skein completion words: one word a line that may stand where the last one is being typed, a tab,
and what it means; :files, :directories or :commands for what the shell knows itself.`,
  args: [
    { name: 'shell', summary: 'bash, zsh or fish; or words', required: true },
    {
      name: 'words',
      summary: 'words: those of the line behind skein, the last as far as it is typed',
      many: true,
    },
  ],
  options: [],
  passThrough: true,
  examples: [
    ['eval "$(skein completion bash)"', 'in this shell, from now on'],
    ["skein completion words -- attach ''", 'what may follow'],
  ],
  json: 'before the shell: {shell, script}; words: [{word, summary}], :files and the like among them.',
  load: () => import('./run.ts'),
};
