/** Providers refuse a text of nothing but spaces and line breaks, now and in each later turn; models and tools write such. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}
