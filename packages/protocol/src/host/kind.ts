/** On what a host holds its programs (rule H1): each host holds one kind. */

/** `pty`: terminals. `pipe`: agents, on stdin, stdout and stderr apart. */
export type HostKind = 'pty' | 'pipe';
