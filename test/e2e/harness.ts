// Drives a real VS Code in a real browser: the server of server.ts, Chromium by playwright-core, and the few gestures that
// tests need (palette commands, files, webviews, themes, screenshots). The extension comes from a VSIX, as users get it,
// or from a folder, as in an extension development host, where tests can also run inside the extension host.
// Requests to anything but this machine are refused and listed in `external`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import { type Server, type ServerOptions, startServer } from './server.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const outFolder = path.join(root, 'out');

const MIN_GREY_LEVELS = 16;
const EXTENSION = 'reading-room.reading-room';

export interface RoomOptions extends ServerOptions {
  /** The workspace folder, absolute. */
  readonly folder: string;
  /** Folder of an extension to load in development mode (instead of `vsix`). */
  readonly development?: string;
  /** CommonJS module with `run()` for the extension host to call; needs `development`. */
  readonly tests?: string;
  /** Size of the browser window in CSS pixels. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Themes by the class that the workbench carries. */
const THEMES = {
  light: { label: 'Light Modern', css: 'vs' },
  dark: { label: 'Dark Modern', css: 'vs-dark' },
  'high contrast': { label: 'Dark High Contrast', css: 'hc-black' },
  'high contrast light': { label: 'Light High Contrast', css: 'hc-light' },
} as const;

export type Theme = keyof typeof THEMES;

/** The path of Chromium: CHROMIUM, or where it is installed. */
export async function chromiumPath(): Promise<string> {
  const file = new URL('../../scripts/lib/install.mjs', import.meta.url).href;
  const { ensureChromium } = (await import(file)) as { ensureChromium(): string };
  return ensureChromium();
}

/** Starts server and browser and opens the workbench; resolves when its explorer is on the page. */
export async function openRoom(options: RoomOptions): Promise<Room> {
  const server = await startServer(options);
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] });
    const viewport = options.viewport ?? { width: 1400, height: 900 };
    const room = new Room(server, browser, await browser.newContext({ viewport }));
    await room.open(options);
    return room;
  } catch (error) {
    await browser?.close();
    await server.stop();
    throw error;
  }
}

export class Room {
  readonly server: Server;
  readonly external = new Set<string>();
  readonly console: string[] = [];
  /** What tests inside the extension host printed. */
  readonly testOutput: string[] = [];
  /** Exit code of tests inside the extension host. */
  readonly testsEnded: Promise<number>;
  #endTests: (code: number) => void = () => {};
  #browser: Browser;
  #context: BrowserContext;
  #page: Page | undefined;

  constructor(server: Server, browser: Browser, context: BrowserContext) {
    this.server = server;
    this.#browser = browser;
    this.#context = context;
    this.testsEnded = new Promise((resolve) => {
      this.#endTests = resolve;
    });
  }

  get page(): Page {
    if (!this.#page) throw new Error('the workbench is not open');
    return this.#page;
  }

  async open(options: RoomOptions): Promise<void> {
    const page = await this.#context.newPage();
    this.#page = page;
    page.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`pageerror: ${error.message}`));
    await this.#context.route(isExternal, (route) => {
      this.external.add(new URL(route.request().url()).origin);
      return route.abort();
    });
    // The TypeScript loader wraps named functions in a helper that functions sent to the browser would miss there.
    await page.addInitScript('globalThis.__name = (value) => value');
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      this.testOutput.push(args.map(String).join(' '));
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => this.#endTests(code));
    if (options.development) await this.#develop(options.development, options.tests);
    await page.goto(this.server.url(options.folder));
    await page.locator('.monaco-workbench .part.sidebar').waitFor();
  }

  /** Adds an extension under development to the configuration that the workbench reads from its page. */
  async #develop(development: string, tests: string | undefined): Promise<void> {
    const authority = `127.0.0.1:${this.server.port}`;
    const uri = (file: string): object => ({ scheme: 'vscode-remote', authority, path: file });
    const options = { extensions: [uri(development)], ...(tests ? { extensionTestsPath: uri(tests) } : {}) };
    await this.page.addInitScript((developmentOptions) => {
      if (window.top !== window) return;
      const original = Element.prototype.getAttribute;
      Element.prototype.getAttribute = function getAttribute(name: string): string | null {
        const value = original.call(this, name);
        if (value === null || name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
        return JSON.stringify({ ...(JSON.parse(value) as object), developmentOptions });
      };
    }, options);
  }

  /**
   * Resolves when Reading Room is activated. Until then an opened scan may fall to the text editor, because VS Code
   * decides by the custom editors known at that moment.
   */
  async activated(timeout = 60_000): Promise<void> {
    const end = Date.now() + timeout;
    while (!this.hostLog().includes(`_doActivateExtension ${EXTENSION}`)) {
      if (Date.now() > end) throw new Error(`${EXTENSION} was not activated\n${this.hostLog().slice(-2000)}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** The log of the extension host so far. */
  hostLog(): string {
    return this.logs(/remoteexthost\.log$/);
  }

  /** The text of all log files of the server whose path matches. */
  logs(pattern: RegExp): string {
    const folder = path.join(this.server.dir, 'data/data/logs');
    if (!fs.existsSync(folder)) return '';
    const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => pattern.test(file));
    return files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8')).join('');
  }

  /** Runs a command by its full title in the palette, such as "View: Close All Editors". */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const widget = this.page.locator('.quick-input-widget');
    const input = widget.locator('input').first();
    await input.waitFor();
    await input.fill(`>${title}`);
    const label = widget.locator('.monaco-list-row .label-name', { hasText: new RegExp(`^${escape(title)}$`) });
    await label.first().click();
  }

  /** Titles of the palette's commands for a search text. */
  async commandsFor(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill(`>${text}`);
    await this.page.waitForTimeout(500);
    const labels = await this.page.locator('.quick-input-list .monaco-list-row .label-name').allTextContents();
    await this.page.keyboard.press('Escape');
    return labels;
  }

  /** Opens a file of the workspace by quick open. The path is relative to the workspace folder. */
  async openFile(relative: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+P');
    const widget = this.page.locator('.quick-input-widget');
    const input = widget.locator('input').first();
    await input.waitFor();
    await input.fill(relative);
    await widget.locator('.monaco-list-row', { hasText: path.basename(relative) }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.tab(path.basename(relative)).waitFor();
  }

  tab(label: string) {
    return this.page.locator('.tabs-container .tab', { hasText: label }).first();
  }

  /** The frame of the webview that contains an element, which need not be visible yet. */
  async frame(selector: string, timeout = 60_000): Promise<Frame> {
    const end = Date.now() + timeout;
    while (Date.now() < end) {
      for (const frame of this.page.frames()) {
        const found = await frame.$(selector).catch(() => null);
        if (found) return frame;
      }
      await this.page.waitForTimeout(50);
    }
    throw new Error(`no webview holds ${selector}`);
  }

  /**
   * Waits until a canvas shows a picture and returns its number of grey levels (at least 16, so that an empty or plain
   * frame does not pass). The test id is the canvas's own or that of an element around it.
   */
  async picture(frame: Frame, testId: string, timeout = 60_000): Promise<number> {
    const element = frame.locator(`canvas[data-testid=${testId}], [data-testid=${testId}] canvas`).first();
    await element.waitFor({ timeout });
    const end = Date.now() + timeout;
    let levels = 0;
    while (Date.now() < end) {
      levels = await element.evaluate(greyLevels);
      if (levels >= MIN_GREY_LEVELS) return levels;
      await this.page.waitForTimeout(100);
    }
    throw new Error(`the canvas ${testId} stayed uniform (${levels} grey levels)`);
  }

  /** Starts a reading and waits until it is under way; where VS Code asks which bundle, takes the first. */
  async startReading(frame: Frame, start = () => this.command('Reading Room: Read Scan'), timeout = 60_000): Promise<void> {
    await start();
    const begun = frame.locator('[data-testid=cancel-button], [data-testid=report]').first();
    const question = this.page.locator('.quick-input-widget .monaco-list-row').first();
    const end = Date.now() + timeout;
    while (!(await begun.isVisible())) {
      if (Date.now() > end) throw new Error('no reading began');
      if (await question.isVisible()) await this.page.keyboard.press('Enter');
      await this.page.waitForTimeout(250);
    }
  }

  /** Waits for the report of a reading and returns its text. Throws what the view says where the reading fails. */
  async report(frame: Frame, timeout = 240_000): Promise<string> {
    const report = frame.locator('[data-testid=report]').first();
    const failure = frame.locator('rr-making .notice.error').first();
    await report.or(failure).first().waitFor({ timeout });
    if (await failure.isVisible()) throw new Error(`the reading failed: ${await failure.textContent()}`);
    return ((await report.textContent()) ?? '').trim();
  }

  notification(text: string) {
    return this.page.locator('.notification-toast', { hasText: text }).first();
  }

  /** Switches the colour theme in VS Code's own picker. */
  async theme(theme: Theme): Promise<void> {
    const { label, css } = THEMES[theme];
    await this.command('Preferences: Color Theme');
    const input = this.page.locator('.quick-input-widget input[placeholder*="Color Theme"]');
    await input.waitFor();
    await input.fill(label);
    await this.page.keyboard.press('Enter');
    await this.page.locator(`.monaco-workbench.${css}`).waitFor();
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Saves out/<name>.png and returns its path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(outFolder, `${name}.png`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file });
    return file;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
  }
}

/** Runs in the page: how many different grey levels a canvas shows. */
function greyLevels(canvas: Element): number {
  const source = canvas as HTMLCanvasElement;
  if (source.width === 0 || source.height === 0) return 0;
  const copy = new OffscreenCanvas(source.width, source.height).getContext('2d');
  if (!copy) return 0;
  copy.drawImage(source, 0, 0);
  const { data } = copy.getImageData(0, 0, source.width, source.height);
  const seen = new Set<number>();
  for (let at = 0; at < data.length; at += 4) seen.add(data[at + 1] ?? 0);
  return seen.size;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether a request leaves this machine. Webview resources have an address that a service worker answers locally. */
function isExternal(url: URL): boolean {
  if (!/^(https?|wss?):$/.test(url.protocol)) return false;
  return !/^(127\.0\.0\.1|localhost)$|\.vscode-resource\.vscode-cdn\.net$/.test(url.hostname);
}
