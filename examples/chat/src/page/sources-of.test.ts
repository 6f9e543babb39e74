// Would catch: an address below a reply that runs something when it is pressed, one that says another name than its own, and a list
// in which a page stands as often as it was cited.
import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { expect, it } from 'vitest';
import { sourcesOf } from './sources-of.ts';

type Part = HelixUIMessage['parts'][number];
const page = (url: string, title?: string): Part => ({
  type: 'source-url',
  sourceId: crypto.randomUUID(),
  url,
  ...(title !== undefined && { title }),
});
const book = (title: string, filename?: string): Part => ({
  type: 'source-document',
  sourceId: crypto.randomUUID(),
  mediaType: 'application/pdf',
  title,
  ...(filename !== undefined && { filename }),
});
const rain = { title: 'Rain', href: 'https://rain.test/a', host: 'rain.test' };

it.each<[string, Part[], object[]]>([
  ['nothing of a reply that names none', [{ type: 'text', text: 'Rain.' }], []],
  ['a page with its title, and whose it is', [page('https://rain.test/a', 'Rain')], [rain]],
  [
    'a page without a title by its address',
    [page('http://a.test/b?c=d')],
    [{ title: 'a.test/b', href: 'http://a.test/b?c=d' }],
  ],
  [
    'a page with a blank title by its address',
    [page('http://a.test/', ' ')],
    [{ title: 'a.test', href: 'http://a.test/' }],
  ],
  ['a page that was named often once', [page('https://rain.test/a', 'Rain'), page('https://rain.test/a')], [rain]],
  ['a page by the title that came later', [page('https://rain.test/a'), page('https://rain.test/a', 'Rain')], [rain]],
  [
    'a document by its title',
    [book('Tides', 't.pdf'), book('Tides', 't.pdf'), book('Rain')],
    [{ title: 'Tides' }, { title: 'Rain' }],
  ],
  ['what would run something as words', [page('javascript:alert(1)', 'Rain')], [{ title: 'Rain' }]],
  [
    'what would run something, and has no title, as words',
    [page(' JavaScript:alert(1)')],
    [{ title: ' JavaScript:alert(1)' }],
  ],
  [
    'data, files and what is no address as words',
    ['data:text/html,x', 'file:///etc/passwd', 'x'].map((url) => page(url, 'R')),
    [{ title: 'R' }, { title: 'R' }, { title: 'R' }],
  ],
  [
    'the host that is asked, and not the one that an address begins with',
    [page('https://rain.test@evil.test/', 'rain.test')],
    [{ title: 'rain.test', href: 'https://rain.test@evil.test/', host: 'evil.test' }],
  ],
])('shows %s', (_, parts, shown) => {
  expect(sourcesOf(parts)).toEqual(shown);
});
