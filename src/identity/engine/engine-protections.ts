// What clients can do to protect requests, answers and tokens: PAR (RFC 9126), JAR (RFC 9101), JARM, DPoP (RFC 9449), TLS certificates (RFC 8705), RAR (RFC 9396), FAPI 2.0.

import type { Configuration } from 'oidc-provider';
import type { Clock } from '../../kernel/clock.ts';
import { assertionAlgorithms, assertionRules } from './client-assertion.ts';
import { type ClientCertificates, subjectOf } from './client-certificate.ts';
import { fapiFeature } from './fapi.ts';
import { requestObjectRules } from './request-object.ts';
import { richAuthorization } from '../tokens/rich-authorization.ts';

export interface ProtectionOptions {
  readonly publicUrl: string;
  readonly clock: Clock;
  /** Absent: certificates of clients are not known here, and whoever should come with one is refused. */
  readonly clientCertificates?: ClientCertificates | undefined;
}

/** Beside the features: who may prove itself how, and which algorithms are taken. */
export function protectionSettings({ publicUrl, clock, clientCertificates }: ProtectionOptions) {
  return {
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      ...(clientCertificates === undefined ? [] : (['tls_client_auth', 'self_signed_tls_client_auth'] as const)),
      'none',
    ],
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256', 'RS256'],
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      requestObjectSigningAlgValues: [...assertionAlgorithms],
      authorizationSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: [...assertionAlgorithms],
    },
    assertJwtClientAuthClaimsAndHeader: assertionRules({ issuer: `${publicUrl}/oidc`, clock }),
  } satisfies Configuration;
}

export function protections({ clock, clientCertificates }: ProtectionOptions) {
  return {
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true, assertJwtClaimsAndHeader: requestObjectRules(clock) },
    jwtResponseModes: { enabled: true },
    dPoP: { enabled: true },
    richAuthorizationRequests: richAuthorization,
    fapi: fapiFeature,
    mTLS:
      clientCertificates === undefined
        ? { enabled: false }
        : {
            enabled: true,
            certificateBoundAccessTokens: true,
            selfSignedTlsClientAuth: true,
            tlsClientAuth: true,
            getCertificate: ({ req }) => clientCertificates.of(req),
            certificateAuthorized: ({ req }) => clientCertificates.isVerified(req),
            certificateSubjectMatches: ({ req }, property, expected) => {
              const certificate = clientCertificates.of(req);
              return (
                property === 'tls_client_auth_subject_dn' &&
                certificate !== undefined &&
                subjectOf(certificate) === expected
              );
            },
          },
  } satisfies Configuration['features'];
}
