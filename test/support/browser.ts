/** As much of a browser as a sign-in needs: cookies with SameSite, redirects, a page that goes on by itself. */
export interface Browser {
  /** Follows a link on a page of `from`, or an address typed in when it is left out, to the page at the end. */
  visit(url: string, options?: VisitOptions): Promise<Page>;
  /** What a script of a page of `from` sends, with the cookies that a browser adds. */
  send(method: string, url: string, options: { from: string; headers?: Record<string, string> }): Promise<Page>;
  /** Fills in the form of the provider's sign-in page. */
  signInAtProvider(page: Page, account: string): Promise<Page>;
  /** Sends the first form of a page, with what is hidden in it. */
  submit(page: Page, fields: Record<string, string>): Promise<Page>;
  /** The cookies of an origin, by name, as they were set. */
  cookies(origin: string): ReadonlyMap<string, string>;
  /** Gives the browser a cookie. */
  plant(origin: string, name: string, value: string): void;
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface VisitOptions {
  from?: string;
  /** Whether a page that goes on by itself is followed; true when left out. */
  refresh?: boolean;
}

export interface BrowserOptions {
  /** What is really asked for an origin that is only a name: its address. */
  addresses?: Readonly<Record<string, string>>;
  /** A redirect to this URL is not followed: the page has its address. */
  stopAt?: string;
}

const MOST_REDIRECTS = 20;

export function openBrowser({ addresses = {}, stopAt }: BrowserOptions = {}): Browser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string) => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };

  async function ask(url: string, init: RequestInit, isSameSite: boolean): Promise<Page> {
    const { origin, pathname, search } = new URL(url);
    const jar = jarOf(origin);
    const sent = [...jar].filter(([, set]) => isSameSite || !/samesite=strict/i.test(set));
    const cookie = sent.map(([name, set]) => `${name}=${valueOf(set)}`).join('; ');
    const headers = { ...(init.headers as Record<string, string> | undefined), ...(cookie !== '' && { cookie }) };
    const answer = await fetch(`${addresses[origin] ?? origin}${pathname}${search}`, {
      ...init,
      headers,
      redirect: 'manual',
    });
    for (const set of answer.headers.getSetCookie()) {
      const name = set.slice(0, set.indexOf('='));
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(set)) jar.delete(name);
      else jar.set(name, set);
    }
    return { url, status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async function follow(url: string, init: RequestInit, from: string | undefined, refresh: boolean): Promise<Page> {
    // A chain of redirects that another site had a part in counts as that site's, to its end.
    let isSameSite = from === undefined || siteOf(from) === siteOf(url);
    let page = await ask(url, init, isSameSite);
    for (let redirects = 0; ; redirects += 1) {
      if (redirects > MOST_REDIRECTS) throw new Error(`too many redirects: ${page.url}`);
      const location = page.headers.get('location');
      if (page.status < 300 || page.status > 399 || location === null) break;
      const next = new URL(location, page.url).href;
      if (stopAt !== undefined && next.startsWith(stopAt)) return { ...page, url: next };
      isSameSite &&= siteOf(page.url) === siteOf(next);
      page = await ask(next, {}, isSameSite);
    }
    const goOn = refresh ? /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(page.text)?.[1] : undefined;
    if (goOn === undefined) return page;
    const next = new URL(goOn.replaceAll('&amp;', '&').replaceAll('&#39;', "'"), page.url).href;
    return follow(next, {}, page.url, refresh);
  }

  async function submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) throw new Error(`no form at ${page.url}: ${page.status} ${page.text.slice(0, 500)}`);
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
      ...fields,
    });
    return follow(new URL(action, page.url).href, { method: 'POST', body }, page.url, true);
  }

  return {
    visit: (url, { from, refresh = true } = {}) => follow(url, {}, from, refresh),
    send: (method, url, { from, headers = {} }) =>
      ask(url, { method, headers: { origin: new URL(from).origin, ...headers } }, siteOf(from) === siteOf(url)),
    signInAtProvider: (page, account) => submit(page, { prompt: 'login', login: account, password: 'any' }),
    submit,
    cookies: (origin) => jarOf(origin),
    plant: (origin, name, value) => void jarOf(origin).set(name, `${name}=${value}`),
  };
}

function valueOf(set: string): string {
  return set.slice(set.indexOf('=') + 1).split(';', 1)[0] ?? '';
}

/** Scheme and host; ports do not count. */
function siteOf(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${hostname}`;
}
