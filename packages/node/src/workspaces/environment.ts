/** What a program that works in a workspace has in its environment, so that `skein claim` there needs no further words. */

/** Beside SKEIN_SESSION, SKEIN_RUN and, of an agent, SKEIN_AGENT. */
export function workspaceEnvironment(home: string, workspace: string): Record<string, string> {
  return { SKEIN_WORKSPACE: workspace, SKEIN_HOME: home };
}
