// The whole API: every operation there is, in the order it is printed.

import * as activity from './activity.ts';
import * as alerts from './alerts.ts';
import * as audit from './audit.ts';
import * as authority from './authority.ts';
import * as clients from './clients.ts';
import * as licences from './licences.ts';
import type { OperationShape } from './operation.ts';
import * as seals from './seals.ts';
import * as anchors from './trust-anchors.ts';
import * as verifications from './verifications.ts';

export const operations: readonly OperationShape[] = [
  seals.uploadDocument,
  seals.listSeals,
  seals.getSeal,
  seals.getSealPicture,
  seals.createStamping,
  seals.getStamping,
  seals.getStampedDocument,
  licences.listLicenceTypes,
  licences.issueLicence,
  licences.getLicence,
  licences.getLicenceQr,
  licences.suspendLicence,
  licences.resumeLicence,
  licences.revokeLicence,
  verifications.verifyDocument,
  verifications.verifyLicence,
  audit.listEntries,
  audit.exportEntries,
  audit.countEntries,
  audit.getLicenceUse,
  audit.getEntry,
  audit.getProof,
  audit.getReceipt,
  audit.listObjectProofs,
  audit.getConsistency,
  activity.listOwnActivity,
  activity.listOrganisationActivity,
  alerts.listAlerts,
  alerts.getAlert,
  alerts.acknowledgeAlert,
  alerts.listAlertRules,
  alerts.changeAlertRule,
  alerts.listWebhooks,
  alerts.createWebhook,
  alerts.changeWebhook,
  alerts.removeWebhook,
  alerts.rotateWebhookSecret,
  alerts.testWebhook,
  alerts.listDeliveries,
  alerts.resendDelivery,
  authority.listCertificates,
  authority.getCertificate,
  authority.issueCertificate,
  authority.renewCertificate,
  authority.suspendCertificate,
  authority.resumeCertificate,
  authority.revokeCertificate,
  authority.regenerateCrl,
  authority.proposeDeed,
  authority.listProposals,
  authority.getProposal,
  authority.approveProposal,
  authority.rejectProposal,
  anchors.listTrustAnchors,
  clients.listClients,
  clients.getClient,
  clients.registerClient,
  clients.changeClient,
  clients.rotateClientSecret,
  clients.endFormerClientSecret,
  clients.addClientKey,
  clients.removeClientKey,
  clients.suspendClient,
  clients.resumeClient,
];
