// The pages that the OIDC engine asks for, in the language of whoever asks.

import type { ProviderPages } from '../../identity/engine/provider-pages.ts';
import { deviceConfirmPage, deviceDonePage, devicePage } from './device.ts';
import { languageOf } from './language.ts';
import { formPostPage } from './sign-in-form-post.ts';
import { oidcErrorPage } from './sign-in-error.ts';
import { onwardPage } from './sign-in-onward.ts';
import { signedOutPage, signOutPage } from './sign-out.ts';

export function providerPages({ sandbox }: { sandbox: boolean }): ProviderPages {
  return {
    error: (request, error) => String(oidcErrorPage({ language: languageOf(request), sandbox, ...error })),
    signOut: (request, view) => String(signOutPage({ language: languageOf(request), sandbox, ...view })),
    signedOut: (request) => String(signedOutPage({ language: languageOf(request), sandbox })),
    formPost: (request, answer) => String(formPostPage({ language: languageOf(request), ...answer })),
    device: (request, view) => String(devicePage({ language: languageOf(request), sandbox, ...view })),
    deviceConfirm: (request, view) => String(deviceConfirmPage({ language: languageOf(request), sandbox, ...view })),
    deviceDone: (request, client) => String(deviceDonePage({ language: languageOf(request), sandbox, client })),
    onward: (request, url) => String(onwardPage({ language: languageOf(request), url })),
  };
}
