/** Takes the passwords out of URLs in what programs print, before it is kept or told. Pure. */

/** Whatever is before the `@` of a URL's host: a user's name that is left out does no harm. */
const USER_INFO = /(\b[a-z][a-z0-9+.-]{0,31}:\/\/)[^\s/@]{1,2048}@/gi;

export function withoutPasswords(text: string): string {
  return text.replace(USER_INFO, '$1');
}
