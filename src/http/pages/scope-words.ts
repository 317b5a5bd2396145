// A scope in the words of the reader, of OIDC or of our API.

import { isApiScope } from '../../identity/tokens/api-scopes.ts';
import type { Language } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { apiScopeText, oidcScopeText } from './sign-in-text.ts';

/** A name without words of ours is shown as it is: hiding it would be worse. */
export function scopeWords(scope: string, language: Language): SafeHtml | string {
  const known = isApiScope(scope) ? apiScopeText[scope] : oidcScopeText[scope];
  return known === undefined ? html`<code>${scope}</code>` : known[language];
}
