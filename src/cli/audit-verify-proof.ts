// The offline checker of one proof or receipt: what it proves, by the key of the log alone; RFC 9162, 2.1.3.2, C2SP tlog-proof.

import { parseCanonicalJson } from '../audit/canonical-json.ts';
import { type Leaf, parseLeaf } from '../audit/leaf.ts';
import { openedParts, type Openings, parseReceipt } from '../audit/receipt.ts';
import { sha256 } from '../crypto/digest.ts';
import { equalBytes, fromBase64, fromBase64url, fromHex, fromUtf8, toHex } from '../kernel/bytes.ts';
import { idFromUuid } from '../kernel/ids.ts';
import { finding } from '../kernel/report.ts';
import { leafHash } from '../tlog/merkle.ts';
import { verifyInclusion } from '../tlog/proof.ts';
import { parseProofFile, type ProofFile } from '../tlog/proof-file.ts';
import { type AuditReport, bad, type ProvenDeed, undecided } from './audit-report.ts';
import { type OpenedCheckpoint, openCheckpoint, trustOf } from './audit-trust.ts';

export interface VerifyProofInput {
  /** A receipt, a C2SP tlog-proof, or the JSON of `GET /api/v1/audit/entries/{entry}/proof`. */
  readonly file: Uint8Array;
  /** `name+hash+base64`: of the log, or of the log and what it was called before. */
  readonly verifierKey: string | readonly string[];
  readonly witnesses?: readonly string[];
  readonly need?: number;
  /** The entry's bytes from elsewhere, for a proof that does not hold them. */
  readonly leaf?: Uint8Array;
  /** The document that the deed is said to be about. */
  readonly object?: Uint8Array;
}

interface GivenProof {
  readonly proof: Pick<ProofFile, 'index' | 'path' | 'checkpoint'>;
  readonly leaf?: Uint8Array;
  readonly leafHash?: Uint8Array;
  readonly opened?: Openings;
}

export function verifyProof(input: VerifyProofInput): AuditReport {
  const { verifierKey, witnesses, need } = input;
  const keys = typeof verifierKey === 'string' ? [verifierKey] : verifierKey;
  const trust = trustOf({ keys, ...(witnesses && { witnesses }), ...(need === undefined ? {} : { need }) });
  if ('exitStatus' in trust) return trust;
  const given: GivenProof | undefined =
    parseReceipt(input.file) ?? parsePlainProof(input.file) ?? parseProofJson(input.file);
  if (given === undefined)
    return undecided('proof-malformed', 'neither a receipt, a tlog-proof, nor the JSON of a proof');
  const { proof } = given;
  const checkpoint = openCheckpoint(proof.checkpoint, trust);
  if ('exitStatus' in checkpoint) return checkpoint;
  const about = { origin: checkpoint.origin, size: checkpoint.size, index: proof.index };
  const leaf = input.leaf ?? given.leaf;
  const ownHash = leaf === undefined ? undefined : leafHash(sha256, leaf);
  if (ownHash !== undefined && given.leafHash !== undefined && !equalBytes(ownHash, given.leafHash))
    return bad('leaf-differs', 'the entry is not the one that the proof is about', about);
  const hash = ownHash ?? given.leafHash;
  if (hash === undefined) return undecided('leaf-missing', 'the proof holds no entry: give the bytes of the entry too');
  if (!verifyInclusion(sha256, { ...proof, leafHash: hash, size: checkpoint.size, root: checkpoint.root }))
    return bad('inclusion-failed', `entry ${proof.index} is not in the tree of the checkpoint`, about);
  const findings = [
    finding('included', 'info', `entry ${proof.index} of ${checkpoint.size} is under the signed root`),
    ...checkpoint.cosignedBy.map(({ witness, at }) => finding('cosigned', 'info', `${witness} cosigned at ${at}`)),
  ];
  if (leaf === undefined) {
    findings.push(
      finding('leaf-hash-only', 'warning', 'only a hash was proved: the bytes of the entry were not given'),
    );
    return { exitStatus: 0, findings, ...about };
  }
  const deed = deedOf(leaf, given.opened ?? {}, checkpoint);
  if (deed === undefined) return bad('entry-malformed', `entry ${proof.index} is no audit entry`, about);
  if ('wrong' in deed)
    return bad('opening-differs', `the part "${deed.wrong}" is not what the entry commits to`, about);
  if (input.object !== undefined) {
    const own = toHex(sha256(input.object));
    if (own !== deed.sha256) return bad('object-differs', `the document has the digest ${own}`, { ...about, deed });
    findings.push(finding('object-matches', 'info', `the document is the one of this deed: ${own}`));
  }
  return { exitStatus: 0, findings, ...about, deed };
}

function deedOf(
  bytes: Uint8Array,
  opened: Openings,
  { cosignedBy }: OpenedCheckpoint,
): ProvenDeed | { wrong: string } | undefined {
  const leaf = parseLeaf(bytes);
  const entry = parseCanonicalJson(bytes);
  if (leaf === undefined || entry === undefined) return undefined;
  const parts = openedParts(entry, opened);
  if ('wrong' in parts) return parts;
  const said = { ...parts.said.actor, ...parts.said.about };
  return {
    entryId: idFromUuid('entry', leaf.entryId),
    at: leaf.at.toISOString(),
    action: leaf.action,
    outcome: leaf.outcome,
    object: leaf.object ?? textOf(said['object']),
    sha256: digestOf(leaf, said['sha256']),
    entry,
    opened: parts.said,
    cosignedBy,
  };
}

function digestOf({ objectSha256 }: Leaf, sealed: unknown): string | undefined {
  const spelled = objectSha256 ?? textOf(sealed);
  const bytes = spelled === undefined ? undefined : fromBase64url(spelled);
  return bytes && toHex(bytes);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Extra data of others says nothing here. */
function parsePlainProof(file: Uint8Array): GivenProof | undefined {
  const proof = parseProofFile(file);
  return proof?.extra === undefined ? proof && { proof } : undefined;
}

function parseProofJson(file: Uint8Array): GivenProof | undefined {
  try {
    const json: unknown = JSON.parse(fromUtf8(file) ?? '');
    if (typeof json !== 'object' || json === null) return undefined;
    const { index, leafHash: hash, path, checkpoint, leaf }: Record<string, unknown> = { ...json };
    const hashBytes = typeof hash === 'string' ? fromHex(hash) : undefined;
    const leafBytes = typeof leaf === 'string' ? fromBase64(leaf) : undefined;
    if (typeof index !== 'number' || typeof checkpoint !== 'string' || !Array.isArray(path)) return undefined;
    if ((hash !== undefined && hashBytes === undefined) || (leaf !== undefined && leafBytes === undefined))
      return undefined;
    const hashes = path.map((item: unknown) => (typeof item === 'string' ? fromHex(item) : undefined));
    if (hashes.includes(undefined)) return undefined;
    return {
      proof: { index, checkpoint, path: hashes.flatMap((item) => (item === undefined ? [] : [item])) },
      ...(hashBytes === undefined ? {} : { leafHash: hashBytes }),
      ...(leafBytes === undefined ? {} : { leaf: leafBytes }),
    };
  } catch {
    return undefined;
  }
}
