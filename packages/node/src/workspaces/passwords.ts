/** Takes the passwords out of URLs in what programs print, before it is kept or told. Pure. */

/**
 * Whatever is before the `@` of a URL's host: a user's name that is left out does no harm. A password may hold a "/", so that what
 * is before it looks like a host with a port that is no number.
 */
const USER_INFO =
  /(\b[a-z][a-z0-9+.-]{0,31}:\/\/)(?:[^\s/]{1,2048}|[^\s/:]{0,2048}:(?![0-9]*[/\s])(?:(?!:\/\/)\S){1,2048})@/gi;

export function withoutPasswords(text: string): string {
  return text.replace(USER_INFO, '$1');
}
