// Routes of the wallet over the licence room: the list, and one licence being shown.

import { Router } from 'express';
import { toBase64 } from '../../kernel/bytes.ts';
import { isTrustError } from '../../kernel/errors.ts';
import type { LicenceService } from '../../licence/licences.ts';
import { qrPng } from '../../licence/qr-picture.ts';
import { sendPage } from './send-page.ts';
import { signedInOnly, type Visit, type VisitOptions } from './visit.ts';
import { licencePage, walletPage } from './wallet-page.ts';

export interface WalletRoutesOptions extends VisitOptions {
  readonly licences: Pick<LicenceService, 'ofHolder' | 'get' | 'qr'>;
}

export function walletRoutes(options: WalletRoutesOptions): Router {
  const { licences } = options;
  const router = Router({ caseSensitive: true });

  router.get(
    '/wallet',
    signedInOnly(options, async ({ request, response, principal, frame }) => {
      const { cursor } = request.query;
      const page = await licences.ofHolder(principal, typeof cursor === 'string' ? { cursor } : {});
      sendPage(response, walletPage({ frame, licences: page.items, nextCursor: page.nextCursor }));
    }),
  );

  router.get(
    '/wallet/:licenceId',
    signedInOnly(options, async (visit) => {
      const { request, response, principal, frame } = visit;
      const licence = await licences.get(principal, String(request.params['licenceId']));
      // What was suspended or revoked is still read here, but nobody is led to show it.
      const qr = licence.status === 'active' ? await shownQr(options, visit, licence.licenceId) : undefined;
      sendPage(response, licencePage({ frame, licence, ...(qr !== undefined && { qr }) }));
    }),
  );
  return router;
}

/** The picture travels in the page: one showing is one audit entry, and no second address holds the code. */
async function shownQr({ licences }: WalletRoutesOptions, { principal }: Visit, licenceId: string) {
  try {
    const { text } = await licences.qr(principal, licenceId);
    return { text, pictureUrl: `data:image/png;base64,${toBase64(await qrPng(text))}` };
  } catch (error) {
    if (isTrustError(error, 'licence-transition-forbidden')) return undefined;
    throw error;
  }
}
