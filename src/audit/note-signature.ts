// Checks the Ed25519 signatures of notes and witnesses with our own verifier, which refuses keys of small order; RFC 8032, 5.1.7.

import { verifySignature } from '../crypto/verify.ts';
import { spkiOf, type VerifyEd25519 } from '../tlog/note.ts';

export const verifyEd25519: VerifyEd25519 = (publicKey, data, signature) =>
  verifySignature({ algorithm: 'EdDSA', spki: spkiOf({ publicKey }), data, signature, form: 'raw' });
