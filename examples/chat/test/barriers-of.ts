import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe finds that keeps somebody from reading or using the page as it is now: the rule, and the element. */
export async function barriersOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(runAxe);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
}

/** In the page. Axe looks at no placeholder, so this one is shown to it as the text that it is to who reads it. */
async function runAxe(): Promise<AxeResults> {
  const field = document.querySelector('textarea');
  const text = document.createElement('span');
  text.textContent = field?.placeholder ?? '';
  if (field) text.style.color = getComputedStyle(field, '::placeholder').color;
  field?.after(text);
  // Its source, which the page was given, puts it there; no type says so.
  const results = await (globalThis as unknown as { axe: typeof axe }).axe.run();
  text.remove();
  return results;
}
