// The TimestampAuthority port and the words of RFC 3161 that its parts share.

import type { DigestName } from '../crypto/algorithms.ts';

export interface MessageImprint {
  readonly digestAlgorithm: DigestName;
  readonly digest: Uint8Array;
}

export interface TimestampAuthority {
  /**
   * DER of a TimeStampToken over the imprint, of the suite named if there is a choice. Throws `timestamp-refused`,
   * `clock-unreliable`, `key-…`.
   */
  stamp(imprint: MessageImprint, suite?: 'intl' | 'gm'): Promise<Uint8Array>;
}

/** PKIFailureInfo (RFC 3161, 2.4.2): name to bit. */
export const failureBits = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const;

export type TimestampFailure = keyof typeof failureBits;
