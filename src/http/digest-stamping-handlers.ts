// The API of stamping by digest over its service.

import * as contract from '../contract/digest-stampings.ts';
import { fromHex, toBase64 } from '../kernel/bytes.ts';
import type { Principal } from '../kernel/principal.ts';
import type { DigestStampingRecord, DigestStampService } from '../seal/digest/digest-stamping.ts';
import { requireSealInDetails } from './allowed-details.ts';
import type { Binding, binder } from './api.ts';

export function digestStampingHandlers(bind: ReturnType<typeof binder>, stamping: DigestStampService): Binding[] {
  /** An application that was allowed one seal signs and sees nothing that was prepared with another. */
  const requireAllowed = async (principal: Principal, id: string): Promise<void> => {
    if (principal.authorizationDetails !== undefined)
      requireSealInDetails(principal, (await stamping.get(principal, id)).order.sealId);
  };
  return [
    bind(contract.createDigestStamping, async ({ principal, json, requestKey }) => {
      const { document, ...order } = json;
      const request = { ...order, documentSha256: document.sha256, documentSizeBytes: document.sizeBytes };
      const made = await stamping.prepare(principal, request, requestKey);
      const digestAlgorithm: 'SHA-256' | 'SM3' = made.order.policy === 'intl' ? 'SHA-256' : 'SM3';
      const { face, sesSeal, widthMm, heightMm, contentsSizeBytes } = made;
      return {
        json: {
          ...digestStampingJson(made),
          digestAlgorithm,
          contentsSizeBytes,
          seal: { widthMm, heightMm, face: toBase64(face), sesSeal: toBase64(sesSeal) },
        },
      };
    }),
    bind(contract.signDigestStamping, async ({ principal, params, json }) => {
      await requireAllowed(principal, params.digestStampingId);
      const signed = { digest: fromHex(json.digest) ?? new Uint8Array(), path: json.path };
      return { json: digestStampingJson(await stamping.sign(principal, params.digestStampingId, signed)) };
    }),
    bind(contract.getDigestStamping, async ({ principal, params }) => {
      await requireAllowed(principal, params.digestStampingId);
      return { json: digestStampingJson(await stamping.get(principal, params.digestStampingId)) };
    }),
  ];
}

function digestStampingJson({ order, value, ...record }: DigestStampingRecord) {
  return {
    digestStampingId: record.digestStampingId,
    sealId: order.sealId,
    status: record.status,
    mediaType: order.mediaType,
    policy: order.policy,
    level: order.level,
    purpose: order.purpose,
    signingTime: record.signingTime.toISOString(),
    signUntil: record.signUntil.toISOString(),
    value: value === null ? null : toBase64(value),
    auditIndex: record.auditIndex,
  };
}
