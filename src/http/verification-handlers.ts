// The API of checking documents and licence codes over the verification room.

import * as contract from '../contract/verifications.ts';
import { moment } from '../kernel/clock.ts';
import type { DocumentVerifier } from '../verification/documents.ts';
import { pemOf } from '../pki/pem.ts';
import type { LicenceVerifier } from '../verification/licences.ts';
import { reportFile } from '../verification/report/report-file.ts';
import { reportText } from '../verification/report/report-text.ts';
import type { VerificationReceipts } from '../verification/verification-receipts.ts';
import type { Binding, binder } from './api.ts';

export interface VerificationServices {
  readonly publicUrl: string;
  readonly documentVerifier: DocumentVerifier;
  readonly licenceVerifier: LicenceVerifier;
  readonly verificationReceipts: Pick<VerificationReceipts, 'published'>;
}

export function verificationHandlers(bind: ReturnType<typeof binder>, services: VerificationServices): Binding[] {
  return [
    bind(contract.verifyDocument, async ({ principal, bytes, wantsFile, language }) => {
      const report = await services.documentVerifier.verify(principal, bytes);
      if (wantsFile) {
        const madeAt = moment(report.verifiedAt);
        const file = reportFile(reportText({ report, language, publicUrl: services.publicUrl, madeAt }));
        const fileName = `${report.verificationId}.pdf`;
        return { file: { bytes: file, mediaType: 'application/pdf', fileName, isDownload: true } };
      }
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
    bind(contract.listVerificationReceiptKeys, async () => ({
      json: {
        items: (await services.verificationReceipts.published()).map(({ spki, ...key }) => ({
          ...key,
          algorithm: 'ES256' as const,
          pem: pemOf('PUBLIC KEY', spki),
        })),
      },
    })),
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
