// The API of checking documents and licence codes over the verification room.

import * as contract from '../contract/verifications.ts';
import type { DocumentVerifier } from '../verification/documents.ts';
import type { LicenceVerifier } from '../verification/licences.ts';
import type { Binding, binder } from './api.ts';

export interface VerificationServices {
  readonly documentVerifier: DocumentVerifier;
  readonly licenceVerifier: LicenceVerifier;
}

export function verificationHandlers(bind: ReturnType<typeof binder>, services: VerificationServices): Binding[] {
  return [
    bind(contract.verifyDocument, async ({ principal, bytes }) => {
      const report = await services.documentVerifier.verify(principal, bytes);
      return {
        json: {
          ...report,
          signatures: report.signatures.map((signature) => ({
            ...signature,
            changes: [...signature.changes],
            findings: [...signature.findings],
          })),
          findings: [...report.findings],
        },
      };
    }),
    bind(contract.verifyLicence, async ({ principal, json }) => {
      const report = await services.licenceVerifier.verify(principal, json.text);
      return {
        json: {
          ...report,
          status: { ...report.status, checkedAt: report.status.checkedAt.toISOString() },
          findings: [...report.findings],
        },
      };
    }),
  ];
}
