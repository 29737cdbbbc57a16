/** Text made shorter: no letter is cut in two, of which half could be neither stored nor shown. */

/** At most so many UTF-16 code units from the beginning. */
export function cutTo(text: string, max: number): string {
  const last = text.charCodeAt(max - 1);
  const within = text.length > max && last >= 0xd800 && last < 0xdc00;
  return text.slice(0, within ? max - 1 : max);
}
