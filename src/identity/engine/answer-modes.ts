// How answers go back to a client: forms are posted from a page of ours, and what is signed has its audit entry before; Form Post Response Mode 1.0, JARM.

import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import { anonymous } from '../../kernel/principal.ts';
import { presentCall } from '../call-context.ts';
import { Provider } from './engine.ts';
import { pageRequestOf } from './provider-frame.ts';
import type { ProviderPages } from './provider-pages.ts';
import { signingKeyName, type TokenKeySet } from '../tokens/signing-keys.ts';

export interface AnswerOptions {
  readonly pages: ProviderPages;
  readonly audit: AuditLog;
  readonly keys: TokenKeySet;
}

type Handler = Parameters<InstanceType<typeof Provider>['registerResponseMode']>[1];
type Answer = Readonly<Record<string, unknown>>;

/**
 * The engine's own page has a script inside, which our Content-Security-Policy does not run, and a form that leaves our origin,
 * which `form-action 'self'` does not send. A mode is registered once and by the constructor, so the engine is made with ours.
 */
export function engineWithAnswers(options: AnswerOptions): typeof Provider {
  const modes: Readonly<Record<string, Handler>> = {
    form_post: (ctx, action, answer) => post(ctx, action, answer, 'error' in answer ? 400 : 200),
    'form_post.jwt': async (ctx, action, answer) => {
      const token = new ctx.oidc.provider.IdToken({}, { ctx });
      Object.assign(token.extra, answer);
      post(ctx, action, { response: await token.issue({ use: 'authorization' }) }, 'error' in answer ? 400 : 200);
    },
  };
  const post = (ctx: KoaContextWithOIDC, action: string, answer: Answer, status: 200 | 400) => {
    ctx.type = 'html';
    ctx.status = status;
    // Its one form goes to a registered address, and that may redirect anywhere: `form-action` holds for redirects too.
    const policy = ctx.response.get('content-security-policy');
    ctx.set('content-security-policy', policy.replace(/form-action [^;]*;?/, ''));
    const fields = Object.entries(answer).filter((field): field is [string, string] => typeof field[1] === 'string');
    ctx.body = options.pages.formPost(pageRequestOf(ctx), { action, fields });
  };
  return class extends Provider {
    override registerResponseMode(name: string, handler: Handler): void {
      const answer = modes[name] ?? handler.bind(this);
      const recorded: Handler = async (ctx, redirectUri, payload) => {
        await recordSignature(ctx, options);
        await answer(ctx, redirectUri, payload);
      };
      super.registerResponseMode(name, name.endsWith('jwt') ? recorded : answer);
    }
  };
}

/**
 * ID tokens are signed beside an access token, whose entry names their key. A signed answer has no such neighbour, and it is also
 * what a client is told when nobody signed in, so its entry names the client alone.
 */
async function recordSignature(
  { oidc: { client } }: KoaContextWithOIDC,
  { audit, keys }: AnswerOptions,
): Promise<void> {
  const clientId = client?.clientId ?? '';
  const keyName = signingKeyName(keys, 'ES256');
  await audit.append(
    { ...anonymous, kind: 'system', clientId, ...presentCall() },
    {
      action: 'authorization.answered',
      outcome: 'done',
      facts: { client: clientId, ...(keyName === undefined ? {} : { keyName }) },
    },
  );
}
