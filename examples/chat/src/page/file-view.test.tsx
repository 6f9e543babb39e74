// Would catch: a page that asks a stranger for what a reply names, runs it, or does not show it at all.
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { FileView } from './file-view.tsx';

it.each([
  ['a picture in the reply is shown', 'data:image/png;base64,AA==', /^<img /],
  ['another file in the reply can be kept', 'data:text/csv,a', /^<a href="data:text\/csv,a" download="">/],
  [
    'a file that lies elsewhere is not fetched',
    'https://pictures.test/cat.png',
    /^<a href="https:.* rel="noreferrer">/,
  ],
  ['what would run is not even an address', 'javascript:alert(1)', /^<p class="note">A file \(image\/png\)<\/p>$/],
])('%s', (_, url, shown) => {
  expect(renderToStaticMarkup(<FileView part={{ mediaType: 'image/png', url }} />)).toMatch(shown);
});
