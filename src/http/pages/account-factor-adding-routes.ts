// Routes on which a person adds a way to sign in: /account/factors/totp, /phone and /passkey.

import { Router } from 'express';
import { parsePhoneNumber } from '../../identity/factors/phone-number.ts';
import { toBase64 } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { qrPng } from '../../licence/qr-picture.ts';
import { newPhonePage, passkeyPage, phoneCodePage, totpPage } from './account-factor-adding-pages.ts';
import {
  factorDeed,
  type FactorDeskOptions,
  factorFault,
  factorsPath,
  factorVisit,
  type OwnVisit,
  told,
} from './factor-desk.ts';
import { formField } from './form-field.ts';
import { callContext } from './caller.ts';
import { sendPage } from './send-page.ts';
import type { FactorDeskFault } from './text/account-factors.ts';

export function accountFactorAddingRoutes(options: FactorDeskOptions): Router {
  const router = Router({ caseSensitive: true });
  router.use(totpRoutes(options));
  router.use(phoneRoutes(options));
  router.use(passkeyRoutes(options));
  return router;
}

const added = `${factorsPath}?done=added`;

function totpRoutes(options: FactorDeskOptions): Router {
  const { factors } = options;
  const router = Router({ caseSensitive: true });
  const path = `${factorsPath}/totp`;

  async function sendTotp(
    { response, frame }: OwnVisit,
    given: { uri: string; draft: string },
    fault?: FactorDeskFault,
  ) {
    const pictureUrl = `data:image/png;base64,${toBase64(await qrPng(given.uri))}`;
    sendPage(response, totpPage({ frame, ...given, pictureUrl, fault }), fault === undefined ? 200 : 400);
  }

  router.get(
    path,
    factorVisit(options, path, async (visit) => {
      await sendTotp(visit, factors.totp.draftFor(visit.account));
    }),
  );
  router.post(
    path,
    factorDeed(options, path, async (visit) => {
      const { request, response, account, principal } = visit;
      const draft = formField(request, 'draft');
      const fault = await factorFault(() =>
        told(options, visit, 'factor-added', () =>
          factors.addTotp(
            account,
            { draft, code: formField(request, 'code'), label: formField(request, 'label') },
            principal,
          ),
        ),
      );
      if (fault !== undefined) {
        const uri = formField(request, 'uri');
        // Shown to nobody but whoever sent it; a draft that is over is replaced.
        const again = fault === 'code' && isTotpUri(uri) ? { uri, draft } : factors.totp.draftFor(account);
        await sendTotp(visit, again, fault);
        return;
      }
      response.redirect(303, added);
    }),
  );
  return router;
}

function isTotpUri(uri: string): boolean {
  return /^otpauth:\/\/totp\/[\x21-\x7e]{1,300}$/.test(uri) && URL.canParse(uri);
}

function phoneRoutes(options: FactorDeskOptions): Router {
  const { factors } = options;
  const router = Router({ caseSensitive: true });
  const path = `${factorsPath}/phone`;
  const matterOf = ({ account }: OwnVisit) => ({ purpose: 'bind-phone', context: account.accountId }) as const;

  router.get(
    path,
    factorVisit(options, path, async ({ response, frame }) => {
      sendPage(response, newPhonePage({ frame, typed: '' }));
    }),
  );
  router.post(
    path,
    factorDeed(options, path, async (visit) => {
      const { request, response, frame, account } = visit;
      const typed = formField(request, 'phone').slice(0, 40);
      const fault = await factorFault(async () => {
        const number = parsePhoneNumber(typed);
        if (number === undefined) throw new TrustError('phone-number-invalid', 'not a mobile number of the mainland');
        await factors.smsCodes.send(
          { ...matterOf(visit), number, accountId: account.accountId, deliver: true, language: frame.language },
          callContext(response),
        );
      });
      if (fault === undefined) response.redirect(303, `${path}/code`);
      else sendPage(response, newPhonePage({ frame, typed, fault }), fault === 'limit' ? 429 : 400);
    }),
  );

  async function sendCodePage(visit: OwnVisit, fault?: FactorDeskFault): Promise<void> {
    const waiting = await factors.smsCodes.waiting(matterOf(visit));
    if (waiting === undefined) visit.response.redirect(303, path);
    else {
      const page = phoneCodePage({ frame: visit.frame, number: waiting.number, fault });
      sendPage(visit.response, page, fault === undefined ? 200 : 400);
    }
  }
  router.get(`${path}/code`, factorVisit(options, path, sendCodePage));
  router.post(
    `${path}/code`,
    factorDeed(options, path, async (visit) => {
      const { request, response, account, principal } = visit;
      const tried = await factors.smsCodes.redeem(matterOf(visit), formField(request, 'code'));
      if (tried?.right !== true) {
        await sendCodePage(visit, tried === undefined ? 'over' : 'code');
        return;
      }
      await told(options, visit, 'factor-added', () => factors.bindPhone(account, tried.number, principal));
      response.redirect(303, added);
    }),
  );
  return router;
}

function passkeyRoutes(options: FactorDeskOptions): Router {
  const { factors, passkeyScript: script } = options;
  const router = Router({ caseSensitive: true });
  const path = `${factorsPath}/passkey`;
  const contextOf = ({ account }: OwnVisit) => `add-passkey:${account.accountId}`;

  router.get(
    path,
    factorVisit(options, path, async ({ response, frame }) => {
      sendPage(response, passkeyPage({ frame, script }));
    }),
  );
  router.post(
    `${path}/options`,
    factorDeed(options, path, async (visit) => {
      const context = contextOf(visit);
      const kept = await factors.keptOf(visit.account.accountId);
      const asked = await factors.passkeys.creationOptions(visit.account, { context, factors: kept });
      visit.response.set('cache-control', 'no-store').json(asked);
    }),
  );
  router.post(
    path,
    factorDeed(options, path, async (visit) => {
      const { request, response, frame, account, principal } = visit;
      const given = {
        context: contextOf(visit),
        answer: formField(request, 'answer'),
        label: formField(request, 'label'),
      };
      const fault = await factorFault(() =>
        told(options, visit, 'factor-added', () => factors.addPasskey(account, given, principal)),
      );
      if (fault !== undefined) {
        sendPage(response, passkeyPage({ frame, script, fault: fault === 'code' ? 'passkey' : fault }), 400);
        return;
      }
      response.redirect(303, added);
    }),
  );
  return router;
}
