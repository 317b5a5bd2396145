// A browser without a screen and without scripts: cookies, redirects, refreshes and forms, enough to sign in as a person does.

export class Browser {
  #cookies = new Map();
  #stopAt;

  /** Addresses that begin with `stopAt` belong to the client: they end the journey and are not asked for. */
  constructor({ stopAt }) {
    this.#stopAt = stopAt;
  }

  /** Goes on through redirects and refreshes to a page that waits for somebody, or to the client's address. */
  async open(url, init = {}) {
    let page = await this.#request(url, init);
    for (let hops = 0; hops < 15; hops++) {
      const next = nextOf(page);
      if (next === undefined) return page;
      page = await this.#request(next);
    }
    throw new Error(`no end of redirects at ${page.url}`);
  }

  /** Sends the form of a page whose action ends with `ending`, with its hidden fields and `fields`. */
  async submit(page, ending, fields) {
    const forms = [...page.text.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)].map(([markup]) => markup);
    const form = forms.find((markup) => attribute(markup, 'action')?.endsWith(ending));
    if (form === undefined) throw new Error(`${page.url} has no form for ${ending}`);
    const body = new URLSearchParams();
    for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      body.set(attribute(input, 'name') ?? '', attribute(input, 'value') ?? '');
    }
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return this.open(new URL(attribute(form, 'action'), page.url).href, { method: 'POST', body });
  }

  async #request(url, init = {}) {
    if (url.startsWith(this.#stopAt)) return { url, status: 0, headers: new Headers(), text: '' };
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies.values()]
      .filter(({ path }) => path === '/' || pathname === path || pathname.startsWith(`${path}/`))
      .map(({ pair }) => pair)
      .join('; ');
    const headers = { accept: 'text/html', 'accept-language': 'zh-CN', ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#store(line);
    return { url, status: response.status, headers: response.headers, text: await response.text() };
  }

  #store(line) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const path = attributes.find((part) => /^path=/i.test(part))?.slice('path='.length) ?? '/';
    const key = `${pair.slice(0, pair.indexOf('='))} ${path}`;
    const gone = pair.endsWith('=') || attributes.some((part) => /^expires=Thu, 01 Jan 1970/i.test(part));
    if (gone) this.#cookies.delete(key);
    else this.#cookies.set(key, { pair, path });
  }
}

function nextOf({ url, status, headers, text }) {
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null) return new URL(location, url).href;
  const refresh = /<meta http-equiv="refresh" content="0;url=([^"]+)">/.exec(text)?.[1];
  return refresh === undefined ? undefined : unescapeHtml(refresh);
}

function attribute(markup, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(markup)?.[1];
  return value === undefined ? undefined : unescapeHtml(value);
}

const entities = { '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' };

function unescapeHtml(text) {
  return text.replace(/&(?:quot|#39|lt|gt|amp);/g, (entity) => entities[entity]);
}
