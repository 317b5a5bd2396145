// Other platforms through which a person signs in: /account/platforms, and taking a link back.

import { Router } from 'express';
import type { UpstreamSignIn } from '../../identity/upstream/upstream-sign-in.ts';
import type { UpstreamSource } from '../../identity/upstream/upstream-source.ts';
import { type Language, words } from '../../kernel/words/language.ts';
import { dateText } from '../../kernel/words/time.ts';
import { fromOwnPages } from '../sign-in.ts';
import { accountIdOf } from './account-id.ts';
import { doneNotice } from './done-notice.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { type RecentVisitOptions, recentlySignedInOnly } from './recent-visit.ts';
import { sendPage } from './send-page.ts';
import { accountText } from './text/account.ts';
import { signedInOnly, type Visit } from './visit.ts';

export interface PlatformRoutesOptions extends RecentVisitOptions {
  readonly upstream: Pick<UpstreamSignIn, 'links' | 'platforms'>;
  readonly publicUrl: string;
}

export const platformText = {
  title: words('通过其他平台登录', 'Sign-in through other platforms'),
  lead: words(
    '已关联的平台可直接登录本账号。请保留另一种登录方式，再解除关联。',
    'A linked platform signs you in here. Keep another way in before you take a link back.',
  ),
  purpose: words('可以登录本账号的其他平台。', 'The platforms that sign you in to this account.'),
  none: words(
    '还没有关联。退出后，在登录页面选择该平台，再登录本账号即可关联。',
    'None is linked. Sign out, choose the platform on the sign-in page, and sign in to this account to link it.',
  ),
  linkedOn: words('关联日期', 'Linked on'),
  lastUsed: words('最近使用', 'Last used'),
  unlink: words('解除关联', 'Take the link back'),
  unlinked: words('已解除关联。', 'The link was taken back.'),
} as const;

export function platformRoutes(options: PlatformRoutesOptions): Router {
  const { upstream } = options;
  const router = Router({ caseSensitive: true });
  const page = '/account/platforms';

  router.get(
    page,
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const links = await upstream.links.of(accountIdOf(principal));
      const linked = links.map((link) => ({ ...link, source: upstream.platforms.find(link.upstream) }));
      const done = request.query['done'] === 'unlinked' ? platformText.unlinked : undefined;
      sendPage(response, platformsPage({ frame, linked, done }));
    }),
  );

  router.post(
    `${page}/:id/unlink`,
    fromOwnPages(options.publicUrl),
    recentlySignedInOnly(options, page, async ({ request, response, principal }) => {
      await upstream.links.unlink(accountIdOf(principal), String(request.params['id']), principal);
      response.redirect(303, `${page}?done=unlinked`);
    }),
  );
  return router;
}

interface PlatformsPage {
  readonly frame: Visit['frame'];
  readonly linked: readonly {
    readonly upstream: string;
    readonly linkedAt: Date;
    readonly lastUsedAt: Date;
    /** Absent when the deployment no longer names it. */
    readonly source: UpstreamSource | undefined;
  }[];
  readonly done: typeof platformText.unlinked | undefined;
}

function platformsPage({ frame, linked, done }: PlatformsPage): SafeHtml {
  const { language } = frame;
  return layout({
    ...frame,
    title: platformText.title[language],
    languagePath: '/account/platforms',
    body: html`<div class="narrow">
<h1>${platformText.title[language]}</h1>
${doneNotice(done, language)}
<p class="lead">${platformText.lead[language]}</p>
${linked.length === 0 ? html`<p class="notice">${platformText.none[language]}</p>` : linked.map((link) => linkCard(link, language))}
<p><a class="back" href="/account">← ${accountText.back[language]}</a></p>
</div>`,
  });
}

function linkCard({ upstream, source, linkedAt, lastUsedAt }: PlatformsPage['linked'][number], language: Language) {
  const name = source === undefined ? upstream : language === 'en' ? source.nameEn : source.name;
  return html`<section class="card">
<h2>${name}</h2>
<dl class="facts">
<dt>${platformText.linkedOn[language]}</dt><dd>${dateText(linkedAt.toISOString(), language)}</dd>
<dt>${platformText.lastUsed[language]}</dt><dd>${dateText(lastUsedAt.toISOString(), language)}</dd>
</dl>
<form method="post" action="/account/platforms/${upstream}/unlink"><button class="button button-plain" type="submit">${platformText.unlink[language]}<span class="visually-hidden"> ${name}</span></button></form>
</section>
`;
}
