const common = new Set(
  (
    'a about after all also am an and any are as at be because been before being both but by can could did do does doing down each ' +
    'few for from further had has have having he her here hers him his how i if in into is it its itself just long many me more most much my no ' +
    'nor not now of off often on once only or other our out over own same she should so some such than that the their them then there ' +
    'these they this those through to too under until up us very was we were what when where which while who whom why will with ' +
    'would you your use used using need needs needed want tell explain describe say says mean means happen happens'
  ).split(' '),
);

/** The words of a text that carry meaning, lower case and without plain endings; scripts without spaces go by pairs of characters. */
export function words(text: string): string[] {
  const found = parts(text);
  const telling = found.filter((word) => !common.has(word));
  return (telling.length > 0 ? telling : found)
    .flatMap((word) =>
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word) ? pairs(word) : [word],
    )
    .map(stem);
}

/** The words that carry meaning as they were written, each once: for showing them. */
export function wordsAsWritten(text: string): string[] {
  const written = text.match(/[\p{L}\p{N}]+(?:[-_'’.@/][\p{L}\p{N}]+)*/gu) ?? [];
  const telling = written.filter((word) => parts(word).some((part) => !common.has(part)));
  const shown = telling.length > 0 ? telling : written;
  return [...new Map(shown.toReversed().map((word) => [word.toLowerCase(), word])).values()].toReversed();
}

function parts(text: string): string[] {
  const apart = text.replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
  return apart.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function pairs(word: string): string[] {
  const characters = Array.from(word);
  return characters.length < 2
    ? characters
    : characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}

/** So that crash, crashes and crashed meet; stop and stopped; retry and retries; process and processes. */
function stem(word: string): string {
  if (!/^[a-z]{4,}$/.test(word)) return word;
  return word
    .replace(/(?<=..)ie[sd]$/, 'y')
    .replace(/(?:ing|edly|ed|(?<![su])s|ly)$/, (ending, at: number) => (at >= 3 ? '' : ending))
    .replace(/([bdgmnprt])\1$/, '$1')
    .replace(/e$/, '');
}
