/** The little of the node's environment that git and hooks are given: what finds programs, a user's settings and their keys. */

const PASSED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TZ', 'LANG', 'SSH_AUTH_SOCK', 'XDG_RUNTIME_DIR'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME', 'NIX_SSL_CERT_FILE'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'CURL_CA_BUNDLE', 'DBUS_SESSION_BUS_ADDRESS'],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'],
]);

/** Without anything that belongs to the program or the session that the node happens to have been started from. */
export function plainEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(from))
    if (value !== undefined && (PASSED.has(name) || name.startsWith('LC_'))) env[name] = value;
  return env;
}
