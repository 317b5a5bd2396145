// Receipts of sign-ins (登录凭据) and the public keys that verify them; docs/identity-receipt.md.

import { z } from 'zod';
import { idSchema } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Accounts';

export const issueSignInReceipt = operation({
  id: 'issueSignInReceipt',
  method: 'post',
  path: '/api/v1/sign-in-receipts',
  tag,
  summary: 'A signed receipt of a sign-in, for the client or the person of it',
  description: 'For an ID token of the last day that was given to the client of the access token.',
  access: [],
  json: z.strictObject({
    idToken: z.string().min(1).max(8192),
    withSm2: z.boolean().default(false).meta({ description: 'With an SM2 signature beside it' }),
  }),
  success: {
    status: 201,
    json: z
      .strictObject({
        receipt: z.string().meta({ description: 'Compact JWS (RFC 7515), ES256' }),
        entryId: idSchema('entry').meta({ description: 'Where it stands in the audit log; `jti` of the receipt' }),
        sm2: z
          .strictObject({
            kid: z.string(),
            signature: z.string().meta({
              description:
                'Base64 of SEQUENCE { r, s }: SM2 with SM3 over the ASCII bytes of `receipt`, identity 1234567812345678',
            }),
          })
          .nullable(),
      })
      .meta({ id: 'SignInReceipt' }),
  },
  errors: ['forbidden', 'key-unavailable'],
});

export const listSignInReceiptKeys = operation({
  id: 'listSignInReceiptKeys',
  method: 'get',
  path: '/api/v1/sign-in-receipt-keys',
  tag,
  summary: 'The public keys that verify receipts of sign-ins',
  access: 'public',
  success: {
    status: 200,
    json: z.strictObject({
      items: z.array(
        z.strictObject({
          kid: z.string().meta({ description: 'SHA-256 of the SubjectPublicKeyInfo, base64url' }),
          algorithm: z.enum(['ES256', 'SM2']),
          state: z.string(),
          pem: z.string().meta({ description: 'SubjectPublicKeyInfo' }),
        }),
      ),
    }),
  },
  errors: ['key-unavailable'],
});
