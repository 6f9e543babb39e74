/** The anchors that GitHub gives to headings, in their order: of two that are the same to it, the later one gets a number. */
export function anchorsOf(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const plain = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const earlier = seen.get(plain) ?? 0;
    seen.set(plain, earlier + 1);
    return earlier === 0 ? plain : `${plain}-${earlier}`;
  });
}
