/** The file that a new definition begins as: every field, explained. */
export const TEMPLATE = `# An agent that can be started: skein run NAME, skein spawn NAME.
title: My agent
# How it is spoken to: acp (most agents), claude (stream-json), codex (app-server), pty (its own screen).
driver: acp
# On the PATH, absolute, or beside this file with ./
command: my-agent
args: [--acp]
# also: [~/.my-agent/bin/my-agent]         # further places to look for it
# cwd: server                              # where it runs, from the directory that it is started for

# Of whoever starts it the agent has the whole environment; this is put on top.
# env:
#   SOME_SETTING: '1'
#   API_KEY: {from: MY_AGENT_KEY}            # another variable of whoever starts it
#   OTHER_KEY: {file: ~/.config/my-agent/key} # read when it is started, told to nobody else
#   UNWANTED: null                           # not set at all

# What it does unasked. The first rule that fits wins; nothing fits: you are asked. Paths are from its directory.
# Commands come first: below a denial of paths every command is asked about, since it might touch them.
# permissions:
#   - allow: {command: ['npm test', 'git status']}
#   - deny: {path: ['**/.env', '~/.ssh/**']}
#   - allow: {kind: [read, search], path: '**'}

# restart: {when: on-failure, most: 5, delay: 1s}  # or never, always
#   and in it resumeAfter: 60s, if no younger session of its own can be gone on with
# resume: false                                    # begins anew each time it is started again
# stuckAfter: 10m                                  # or never
# mode: plan
# model: small
# options: {}             # what only its driver understands
# pty: {args: []}         # its own interface, with skein run --pty; see docs/AGENTS.md
# version: [--version]    # asks its program; false if it cannot tell
# install: npm install -g my-agent
`;
