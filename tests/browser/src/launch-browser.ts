import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { unpackChromium } from './unpack-chromium.ts';

const installed = [
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Launches a headless Chromium: `HELIX_CHROMIUM`, else an installed one, else the one from npm. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['HELIX_CHROMIUM'] ?? installed.find((path) => existsSync(path));
  return await chromium.launch({ executablePath: executablePath ?? (await unpackChromium()) });
}
