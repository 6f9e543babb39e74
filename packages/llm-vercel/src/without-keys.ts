/** A message without API keys: some providers repeat the one that they refuse, with the line breaks that it was given by mistake. */
export function withoutKeys(text: string): string {
  return text
    .replaceAll(
      /\b(Bearer\s+(?:tokens?[\s:='(]+)?)((?!https?:)[^\s"]+(?:[\r\n]+(?!https?:)[^\s"]+)*)/gi,
      (said: string, lead: string, next: string) => (isKeyLike(next) ? `${lead}…` : said),
    )
    .replaceAll(/\b((?:sk|pk|key|gsk|xai)-[\w-]{0,4})[\w*-]{6,}/gi, '$1…');
}

/** Where in doubt, it is a key: a sentence can spare a word. */
function isKeyLike(text: string): boolean {
  const bare = text.replaceAll(/[\s.,:;!?()']/g, '');
  return (
    bare.length >= 8 &&
    !/^(authentication|authorization|credentials?|provided|required|malformed|rejected|signature)$/i.test(bare)
  );
}
