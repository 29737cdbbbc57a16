/** What names look like to people, so that nobody is called what is read as another's name. */

/** Letters of Cyrillic and Greek that are drawn as Latin ones, and these: those that are alike as capitals come before they are made small. */
const ALIKE = [
  ['АВЕКМНОРСТХУІЈЅасеорхуіјѕһԁԛԝӏ', 'ABEKMHOPCTXYIJSaceopxyijshdqwl'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοανρι', 'ABEZHIKMNOPTYXoavpi'],
] as const;

const LATIN = new Map(
  ALIKE.flatMap(([letters, latin]) => [...letters].map((letter, n) => [letter, latin[n] ?? letter] as const)),
);

/** Two names with the same one are not to be told apart: by capitals, by how accents are written, by what is not seen. */
export function likeness(name: string): string {
  const drawn = name
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim()
    .replace(/\p{Z}+/gu, ' ');
  return [...drawn]
    .map((letter) => LATIN.get(letter) ?? letter)
    .join('')
    .toLowerCase();
}
