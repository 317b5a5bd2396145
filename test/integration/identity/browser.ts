// A browser without a screen or scripts for tests: cookies by path, redirects, `<meta http-equiv="refresh">`, and forms.

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export class Browser {
  readonly #cookies = new Map<string, Cookie>();
  readonly #stopAt: string;

  /** Addresses that begin with `stopAt` are the client's: they are returned and not asked for. */
  constructor({ stopAt }: { stopAt: string }) {
    this.#stopAt = stopAt;
  }

  /** Goes to an address and on, through redirects and refreshes, to a page that waits for somebody. */
  async open(url: string, init: RequestInit = {}): Promise<Page> {
    let page = await this.request(url, init);
    for (let hops = 0; hops < 12; hops++) {
      const next = nextOf(page);
      if (next === undefined) return page;
      page = await this.request(next);
    }
    throw new Error(`no end of redirects at ${page.url}`);
  }

  /** One exchange, nothing followed. */
  async request(url: string, init: RequestInit = {}): Promise<Page> {
    if (url.startsWith(this.#stopAt)) return { url, status: 0, headers: new Headers(), text: '' };
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies.values()]
      .filter(({ path }) => path === '/' || pathname === path || pathname.startsWith(`${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    if (!headers.has('accept')) headers.set('accept', 'text/html');
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#store(line);
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Sends the form of a page whose action ends with `ending`, with its hidden fields and `fields`. */
  async submit(
    page: Page,
    ending: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const form = [...page.text.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)]
      .map(([markup]) => markup)
      .find((markup) => attribute(markup, 'action')?.endsWith(ending));
    if (form === undefined) throw new Error(`no form for ${ending} on ${page.url}: ${page.text.slice(0, 500)}`);
    const body = new URLSearchParams();
    for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      body.set(attribute(input, 'name') ?? '', attribute(input, 'value') ?? '');
    }
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return this.open(new URL(attribute(form, 'action') ?? '', page.url).href, { method: 'POST', body, headers });
  }

  /** Without the signature that stands in a cookie of its own. */
  cookie(name: string): string | undefined {
    return [...this.#cookies.values()].find((cookie) => cookie.name === name)?.value;
  }

  cookieNames(): string[] {
    return [...this.#cookies.values()].map(({ name }) => name);
  }

  #store(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(name.length + 1);
    const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/';
    const key = `${name} ${path}`;
    if (value === '' || attributes.some((part) => /^expires=Thu, 01 Jan 1970/i.test(part))) this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path });
  }
}

/** Where a page leads by itself. */
export function nextOf(page: Page): string | undefined {
  const location = page.headers.get('location');
  if (page.status >= 300 && page.status < 400 && location !== null) return new URL(location, page.url).href;
  const refresh = /<meta http-equiv="refresh" content="0;url=([^"]+)">/.exec(page.text)?.[1];
  return refresh === undefined ? undefined : unescapeHtml(refresh);
}

function attribute(markup: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(markup)?.[1];
  return value === undefined ? undefined : unescapeHtml(value);
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
