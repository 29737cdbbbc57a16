/** How the node names the machine's own user to its hosts, which tell the name back; other viewers go by their devices. */
export const LOCAL = 'local';
