// Would catch: what some cannot read, hear or press, and a page that asks strangers for what a reply names.
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriersOf } from '../test/barriers-of.ts';
import { converse, rest, say, serveChat, show } from '../test/chat-fixture.ts';

let served: Awaited<ReturnType<typeof serveChat>>;

beforeAll(async () => {
  served = await serveChat(2);
});

afterAll(() => served?.close());

async function openIn(colorScheme: 'light' | 'dark'): Promise<{ context: BrowserContext; page: Page }> {
  const context = await served.browser.newContext({ viewport: { width: 1180, height: 820 }, colorScheme });
  return { context, page: await served.open(context) };
}

/** Whether something stands out from where it stands: a ground alone has one colour. */
async function isDrawn(page: Page, what: string): Promise<boolean> {
  const { x, y, width, height } = (await page.locator(what).boundingBox())!;
  const clip = { x: x - 4, y: y - 4, width: width + 8, height: height + 8 };
  const picture = (await page.screenshot({ clip, animations: 'disabled' })).toString('base64');
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    canvas.drawImage(image, 0, 0);
    const greens = canvas.getImageData(0, 0, image.width, image.height).data.filter((_, at) => at % 4 === 1);
    return Math.max(...greens) - Math.min(...greens) > 100;
  }, picture);
}

describe('nobody is kept from reading or using', () => {
  it.each(['light', 'dark'] as const)('what the page shows, where that is %s', async (colorScheme) => {
    const { context, page } = await openIn(colorScheme);
    await page.getByText('Offline rules answer here').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    const asked = Promise.withResolvers<void>();
    await page.route(/\/api\/chat\/[^/]+$/, async (route) => {
      await asked.promise;
      await route.continue();
    });
    await say(page, 'What is 1 + 1?');
    await page.getByLabel('Waiting for the answer').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    asked.resolve();
    await page.getByText('The result is 2.').waitFor();
    await rest(page);
    await page.locator('.tool summary').click();
    await page.locator('.sidebar nav a').waitFor();
    expect(await barriersOf(page)).toEqual([]);
    await converse(page, 'Please fail');
    await page.getByRole('alert').waitFor();
    expect(await barriersOf(page)).toEqual([]);
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
    expect(await barriersOf(page)).toEqual([]);
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
    expect(await barriersOf(page)).toEqual([]);
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
    expect((await edges('.welcome h2')).top).toBeGreaterThanOrEqual(list.top);
    await show(page, `38-welcome-${width}`);
    await page.getByText('Tell me something long').scrollIntoViewIfNeeded();
    expect(Math.floor((await edges('.suggestions')).bottom)).toBeLessThanOrEqual(Math.ceil(list.bottom));
    await context.close();
  });
});

describe('where the colours are those of the system', () => {
  it('what can be pressed, and what goes on, is seen all the same', async () => {
    const context = await served.browser.newContext({ viewport: { width: 1180, height: 820 }, forcedColors: 'active' });
    const page = await served.open(context);
    await page.route('**/interrupt', () => {});
    await say(page, 'Tell me something long');
    await page.locator('.sidebar .live').waitFor();
    await show(page, '40-colours-of-the-system');
    for (const sign of ['.mark', '.stop span', '.sidebar .live'])
      expect([sign, await isDrawn(page, sign)]).toEqual([sign, true]);
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

describe('the keyboard', () => {
  it('scrolls what was said, in browsers too that stop at no list by themselves', async () => {
    const { context, page } = await openIn('light');
    await page.setViewportSize({ width: 1180, height: 300 });
    await converse(page, 'What can you do?');
    const log = page.getByRole('log', { name: 'What was said' });
    expect(await log.getAttribute('tabindex')).toBe('0');
    await log.focus();
    await page.keyboard.press('PageUp');
    await page.waitForFunction(() => (document.querySelector('.messages')?.scrollTop ?? 0) < 0);
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
