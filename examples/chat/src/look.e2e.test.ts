// Would catch: words that some cannot read because they are too faint, and a page that asks strangers for what a reply names.
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { converse, serveChat, show } from '../test/chat-fixture.ts';

let served: Awaited<ReturnType<typeof serveChat>>;

beforeAll(async () => {
  served = await serveChat(2);
});

afterAll(() => served?.close());

async function openIn(colorScheme: 'light' | 'dark'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await served.browser.newContext({ viewport: { width: 1180, height: 820 }, colorScheme });
  return { context, page: await served.open(context) };
}

/** The texts that stand out from their ground by less than is asked of small letters, with how much. */
function faintTexts(): string[] {
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((value) => {
      const part = color.startsWith('color(') ? Number(value) : Number(value) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element: Element | null): string => {
    if (!element) return 'rgb(255, 255, 255)';
    const { backgroundColor } = getComputedStyle(element);
    return /^rgba|\/ /.test(backgroundColor) ? groundOf(element.parentElement) : backgroundColor;
  };
  const faint = (element: Element, text: string, color: string): string[] => {
    const [dark = 0, light = 0] = [luminance(color), luminance(groundOf(element))].toSorted((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${text.trim().slice(0, 40)}`] : [];
  };
  const hasWords = (element: Element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    if (element instanceof HTMLTextAreaElement)
      return faint(element, element.placeholder, getComputedStyle(element, '::placeholder').color);
    return hasWords(element) ? faint(element, element.textContent, getComputedStyle(element).color) : [];
  });
}

describe('every text', () => {
  it.each(['light', 'dark'] as const)('stands out from its ground, where that is %s', async (colorScheme) => {
    const { context, page } = await openIn(colorScheme);
    await page.getByText('Offline rules answer here').waitFor();
    expect(await page.evaluate(faintTexts)).toEqual([]);
    await converse(page, 'What is 1 + 1?');
    await page.locator('.tool summary').click();
    await converse(page, 'Please fail');
    await page.getByRole('alert').waitFor();
    expect(await page.evaluate(faintTexts)).toEqual([]);
    await context.close();
  });
});

describe('the Markdown of a reply', () => {
  it('is shown as what it means, and makes the page ask nobody', async () => {
    const { context, page } = await openIn('light');
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await converse(page, 'Show me Markdown');
    await show(page, '30-markdown');
    const text = page.locator('.reply .text');
    expect(await text.locator('tbody tr').count()).toBe(2);
    expect(await text.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://example.com/',
      'https://pictures.example/tree.png',
    ]);
    expect([...asked]).toEqual([served.url]);
    expect(await page.evaluate(faintTexts)).toEqual([]);
    await context.close();
  });
});

describe('the code of a reply', () => {
  it('is copied by its button, as it is to be typed', async () => {
    const { context, page } = await openIn('light');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await converse(page, 'Show me Markdown');
    await page.locator('.code').hover();
    await show(page, '33-code');
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('const answer = 6 * 7;');
    await page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
    await context.close();
  });
});

describe('whatever a reply got into the page', () => {
  it('would run nothing, and ask nobody', async () => {
    const { context, page } = await openIn('light');
    const blocked = await page.evaluate(async () => {
      const uris: string[] = [];
      const all = new Promise<void>((resolve) =>
        document.addEventListener('securitypolicyviolation', ({ blockedURI }) => {
          if (uris.push(blockedURI) === 3) resolve();
        }),
      );
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      const picture = new Image();
      picture.src = 'https://pictures.example/tree.png';
      document.body.append(script, picture);
      await fetch('https://elsewhere.example/').catch(() => {});
      await all;
      return uris.toSorted();
    });
    expect(blocked).toEqual(['https://elsewhere.example/', 'https://pictures.example/tree.png', 'inline']);
    expect(await page.title()).toBe('Helix chat');
    await context.close();
  });
});

describe('a picture in a reply', () => {
  it('is shown when it comes, and after a reload', async () => {
    const { context, page } = await openIn('light');
    await converse(page, 'Show me a picture');
    const drawn = () => page.locator('.reply .picture').evaluate((one: HTMLImageElement) => one.naturalWidth);
    expect(await drawn()).toBe(420);
    await show(page, '31-picture');
    await page.reload();
    await page.locator('.reply .picture').waitFor();
    expect(await drawn()).toBe(420);
    await context.close();
  });
});

describe('what a reply stands on', () => {
  it('is below it, as links that are safe to open, when it comes and after a reload', async () => {
    const { context, page } = await openIn('light');
    await converse(page, 'What are your sources?');
    const list = page.getByRole('region', { name: 'Sources' });
    const items = () => list.getByRole('listitem').allTextContents();
    const known = await items();
    expect(known).toEqual([
      'Tides in Bergen tides.example',
      'moon.example/why-the-sea-rises',
      'Tables of the harbour',
      'What would run something',
    ]);
    expect(await list.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      'https://tides.example/bergen?day=1',
      'https://moon.example/why-the-sea-rises',
    ]);
    expect(await page.evaluate(faintTexts)).toEqual([]);
    await show(page, '34-sources');
    await page.reload();
    await list.waitFor();
    expect(await items()).toEqual(known);
    await context.close();
  });
});

describe('a word without an end', () => {
  it('makes nothing wider than the page, wherever it stands', async () => {
    const { context, page } = await openIn('light');
    await converse(page, 'W'.repeat(3_000));
    const word = 'W'.repeat(300);
    const parts = [
      { type: 'reasoning', text: word },
      { type: 'text', text: `# ${word}\n\n${word}\n\n- ${word}\n\n| ${word} | b |\n|-|-|\n| ${word} | 2 |\n` },
      { type: 'text', text: `> ${word}\n\n\`${word}\`\n\n[${word}](https://x.example/)\n\n\`\`\`\n${word}\n\`\`\`` },
      {
        type: `tool-${'W'.repeat(64)}`,
        toolCallId: 'c',
        state: 'output-error',
        input: { [word]: word },
        errorText: word,
      },
      { type: 'source-url', sourceId: '1', url: `https://${'w'.repeat(60)}.${'w'.repeat(60)}.example/`, title: word },
      { type: 'source-document', sourceId: '2', mediaType: 'a/b', title: word },
    ];
    const error = { error: word, code: 'provider_error', retryable: true, unharmed: word };
    await page.route('**/snapshot*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { messages: object[] };
      const [said, reply] = answer.messages;
      const messages = [said, { ...reply, parts }];
      await route.fulfill({ response, json: { ...answer, messages, status: 'failed', error } });
    });
    await page.reload();
    await page.locator('.thought summary').click();
    await page.locator('.tool summary').click();
    for (const width of [1180, 390, 320]) {
      await page.setViewportSize({ width, height: 820 });
      const excess = await page.locator('.messages').evaluate((list) => list.scrollWidth - list.clientWidth);
      expect([width, excess]).toEqual([width, 0]);
    }
    await show(page, '37-long-word');
    await context.close();
  });
});

describe('a conversation that is not here', () => {
  it('says so as far from the edge as all else', async () => {
    const { context, page } = await openIn('light');
    await page.setViewportSize({ width: 360, height: 640 });
    await page.goto(`${served.url}/c/chat-of-another`);
    await show(page, '39-not-here');
    expect(await page.locator('.welcome').evaluate((one) => one.getBoundingClientRect().left)).toBeGreaterThanOrEqual(
      20,
    );
    await context.close();
  });
});

describe('the welcome of a small screen', () => {
  it.each([
    [320, 568],
    [360, 640],
    [375, 667],
    [844, 390],
  ])('is read from its heading on, at %d × %d', async (width, height) => {
    const { context, page } = await openIn('light');
    await page.setViewportSize({ width, height });
    const edges = (what: string) => page.locator(what).evaluate((one) => one.getBoundingClientRect());
    const list = await edges('.messages');
    expect((await edges('.welcome h1')).top).toBeGreaterThanOrEqual(list.top);
    await show(page, `38-welcome-${width}`);
    await page.getByText('Tell me something long').scrollIntoViewIfNeeded();
    expect(Math.floor((await edges('.suggestions')).bottom)).toBeLessThanOrEqual(Math.ceil(list.bottom));
    await context.close();
  });
});

describe('a phone on its side', () => {
  it('has most of its height for what was said', async () => {
    const { context, page } = await openIn('light');
    await page.setViewportSize({ width: 740, height: 360 });
    await converse(page, 'What is 1 + 1?');
    await show(page, '32-on-its-side');
    const heightOf = (what: string) => page.locator(what).evaluate((one) => one.clientHeight);
    expect(await heightOf('.sidebar')).toBeLessThan(60);
    expect(await heightOf('.messages')).toBeGreaterThan(180);
    await context.close();
  });
});

describe('a text from the right to the left', () => {
  it('runs so, beside others that do not', async () => {
    const { context, page } = await openIn('light');
    await converse(page, 'שלום עולם');
    const sideOf = (what: string) =>
      page.locator(what).evaluate((one) => {
        const words = document.createRange();
        words.selectNodeContents(one);
        const [inner, outer] = [words.getBoundingClientRect(), one.getBoundingClientRect()];
        return outer.right - inner.right < inner.left - outer.left ? 'right' : 'left';
      });
    await page.locator('.user p').evaluate((one) => void (one.style.width = '400px'));
    expect(await sideOf('.user p')).toBe('right');
    expect(await sideOf('.reply .text > p >> nth=0')).toBe('left');
    await context.close();
  });
});

describe('a screen reader', () => {
  it('is told who said what', async () => {
    const { context, page } = await openIn('light');
    await converse(page, 'What is 1 + 1?');
    const log = page.getByRole('log', { name: 'What was said' });
    expect(await log.getByRole('article', { name: 'You said' }).allTextContents()).toEqual(['What is 1 + 1?']);
    expect(await log.getByRole('article', { name: 'The answer' }).textContent()).toContain('The result is 2.');
    await context.close();
  });
});
