// The API of receipts of sign-ins.

import * as contract from '../contract/sign-in-receipts.ts';
import type { SignInReceipts } from '../identity/sign-in/sign-in-receipts.ts';
import { pemOf } from '../pki/pem.ts';
import type { Binding, binder } from './api.ts';

export function signInReceiptHandlers(bind: ReturnType<typeof binder>, receipts: SignInReceipts): Binding[] {
  return [
    bind(contract.issueSignInReceipt, async ({ principal, json }) => {
      const { receipt, entryId, sm2 } = await receipts.issue(principal, json);
      return { json: { receipt, entryId, sm2: sm2 ?? null } };
    }),
    bind(contract.listSignInReceiptKeys, async () => ({
      json: {
        items: (await receipts.keys.published()).map(({ spki, ...key }) => ({
          ...key,
          pem: pemOf('PUBLIC KEY', spki),
        })),
      },
    })),
  ];
}
