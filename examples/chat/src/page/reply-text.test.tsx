// Would catch: a reply that shows the marks of Markdown instead of what they mean, one that makes the page ask a stranger for a
// picture, and one with a link that does something else than it says.
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ReplyText } from './reply-text.tsx';

const shown = (text: string): string => renderToStaticMarkup(<ReplyText text={text} />).replaceAll('\n', '');
const link = (to: string, words: string) => `<a href="${to}" target="_blank" rel="noreferrer">${words}</a>`;

describe('the text of a reply', () => {
  it.each([
    [
      'a table',
      '| a |\n|---|\n| 1 |',
      '<div class="table"><table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table></div>',
    ],
    ['words that were struck out', '~~x~~', '<p><del>x</del></p>'],
    [
      'a list of tasks',
      '- [x] done',
      '<ul class="contains-task-list"><li class="task-list-item"><input type="checkbox" disabled="" aria-label="Done" checked=""/> done</li></ul>',
    ],
    ['its headings below that of the page', '# a\n\n## b', '<h2>a</h2><h3>b</h3>'],
    ['a quotation', '> x', '<blockquote><p>x</p></blockquote>'],
    ['a link', '[x](https://x.org)', `<p>${link('https://x.org', 'x')}</p>`],
    ['a bare address', 'https://x.org', `<p>${link('https://x.org', 'https://x.org')}</p>`],
    ['a link that would run something as its words', '[x](javascript:alert(1))', '<p>x</p>'],
    ['a picture as a link', '![x](https://x.org/x.png)', `<p>${link('https://x.org/x.png', 'x')}</p>`],
    [
      'a picture without words as a link',
      '![](https://x.org/x.png)',
      `<p>${link('https://x.org/x.png', 'A picture')}</p>`,
    ],
    ['a picture of no address as its words', '![x](data:image/png;base64,AA)', '<p>x</p>'],
    ['HTML as what was written', '<img src="https://x.org">', '&lt;img src=&quot;https://x.org&quot;&gt;'],
  ])('shows %s', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});
