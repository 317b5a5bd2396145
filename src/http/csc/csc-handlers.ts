// The API of the Cloud Signature Consortium over our seals; CSC API 2.2, section 11.

import * as contract from '../../contract/remote-signing.ts';
import type { SentRequest } from '../../identity/tokens/sender-proofs.ts';
import { toBase64 } from '../../kernel/bytes.ts';
import { digestOf, digestOid } from '../../kernel/credential-details.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Principal } from '../../kernel/principal.ts';
import { words } from '../../kernel/words/language.ts';
import type { RemoteSeals } from '../../seal/remote/remote-seals.ts';
import type { RemoteSigning } from '../../seal/remote/remote-signing.ts';
import type { ApiOptions, Binding, binder } from '../api.ts';
import { credentialJson, signAlgorithmOid } from './csc-credential.ts';

export interface CscServices {
  readonly publicUrl: string;
  readonly remoteSeals: RemoteSeals;
  readonly remoteSigning: RemoteSigning;
}

/** What clients of the present version ask for; what they read of 2.0 and 2.1 is the same. */
const specs = '2.2.0.0';
const authTypes = ['oauth2code', 'oauth2client'] as const;
const hashTypes = ['DTBSR'] as const;
const modes = { supportsRar: true, asynchronousOperationMode: false, validationInfo: false } as const;
const defaultResults = 20;
const mostResults = 100;

const name = words('印信远程签章', 'Yinxin remote signing');
const description = words(
  '用已备案的电子印章对文件摘要签名，文件留在您自己的系统里。',
  'Signs digests of documents with registered e-seals; the documents stay in your own system.',
);

export function cscHandlers(
  bind: ReturnType<typeof binder>,
  services: CscServices & Pick<ApiOptions, 'principalOf'>,
): Binding[] {
  const { publicUrl, remoteSeals, remoteSigning } = services;
  return [
    bind(contract.cscInfo, async ({ language }) => ({
      json: {
        specs,
        name: name[language],
        logo: `${publicUrl}/assets/icon.svg`,
        region: 'CN',
        lang: language === 'en' ? 'en-US' : 'zh-CN',
        description: description[language],
        authType: [...authTypes],
        oauth2: `${publicUrl}/csc/v2`,
        ...modes,
        methods: [
          'info',
          'credentials/list',
          'credentials/info',
          'signatures/signHash',
          'oauth2/authorize',
          'oauth2/pushed_authorize',
          'oauth2/token',
          'oauth2/revoke',
        ],
        signAlgorithms: { algos: [signAlgorithmOid] },
        signature_formats: { formats: [], envelope_properties: [] },
        conformance_levels: [],
        supportedHashTypes: [...hashTypes],
      },
    })),
    bind(contract.cscListCredentials, async ({ principal, json }) => {
      const { userID, maxResults, pageToken, credentialInfo, onlyValid, ...wishes } = json;
      if (typeof userID === 'string' && userID !== principal.clientId)
        throw wrong('Invalid parameter userID: whose credentials they are follows from the token');
      const limit = Math.min(maxResults ?? defaultResults, mostResults);
      const page = await remoteSeals.list(principal, {
        limit,
        after: pageToken ?? undefined,
        onlyActive: onlyValid === true,
      });
      const infos =
        credentialInfo === true ? await Promise.all(page.items.map((one) => remoteSeals.described(one))) : [];
      return {
        json: {
          credentialIDs: page.items.map(({ sealId }) => sealId),
          ...(credentialInfo === true && {
            credentialInfos: infos.map((seal) => ({
              credentialID: seal.record.sealId,
              ...credentialJson(seal, principal, wishes),
            })),
          }),
          ...(onlyValid === true && { onlyValid }),
          ...(page.next === undefined ? {} : { nextPageToken: page.next }),
        },
      };
    }),
    bind(contract.cscCredentialInfo, async ({ principal, json }) => ({
      json: credentialJson(await remoteSeals.get(principal, json.credentialID), principal, json),
    })),
    bind(contract.cscSignHash, async ({ principal, json }) => {
      const digests = digestsOf(json);
      const signer = await activated(principal, json.SAD, services);
      const signatures = await remoteSigning.sign(signer, { sealId: json.credentialID, digests });
      return { json: { signatures: signatures.map(toBase64) } };
    }),
  ];
}

interface SignHash {
  readonly hashes?: readonly string[] | null | undefined;
  readonly hash?: readonly string[] | null | undefined;
  readonly hashAlgorithmOID?: string | null | undefined;
  readonly hashAlgo?: string | null | undefined;
  readonly signAlgo: string;
  readonly signAlgoParams?: string | null | undefined;
  readonly operationMode?: 'S' | 'A' | null | undefined;
}

/** Throws `malformed-request` in the standard's words (11.10). */
function digestsOf(json: SignHash): Uint8Array[] {
  const { hashes, hash, hashAlgorithmOID, hashAlgo, signAlgo, signAlgoParams, operationMode } = json;
  const listed = hashes ?? hash ?? [];
  if (operationMode === 'A') throw wrong('Invalid parameter operationMode');
  if (signAlgo !== signAlgorithmOid || typeof signAlgoParams === 'string') throw wrong('Invalid parameter signAlgo');
  if ((hashAlgorithmOID ?? hashAlgo ?? digestOid) !== digestOid) throw wrong('Invalid parameter hashAlgorithmOID');
  if (listed.length === 0) throw wrong('Empty hashes array');
  return listed.map((text) => {
    const digest = digestOf(text);
    if (digest === undefined) throw wrong('Invalid digest value length, or invalid base64 hashes string parameter');
    return digest;
  });
}

/**
 * 11.10: the leave to sign may come as SAD beside a token for the service. It is the token with the scope `credential`, of the same client
 * and the same person, and cannot be one that wants a proof, which is given for the token of the call. Throws as `principalOf` does, and
 * `token-invalid`.
 */
async function activated(
  caller: Principal,
  sad: string | null | undefined,
  { principalOf }: Pick<ApiOptions, 'principalOf'>,
): Promise<Principal> {
  if (typeof sad !== 'string' || caller.scopes.has('credential')) return caller;
  const { origin, requestId } = caller;
  const context = { ...(origin === undefined ? {} : { origin }), ...(requestId === undefined ? {} : { requestId }) };
  const signer = await principalOf(`Bearer ${sad}`, context, noRequest);
  if (signer.clientId !== caller.clientId || signer.accountId !== caller.accountId)
    throw new TrustError('token-invalid', 'Invalid parameter SAD: it is of another caller');
  return signer;
}

/** Nothing in it proves anything. */
const noRequest: SentRequest = { method: 'POST', path: '/csc/v2/signatures/signHash', headers: {} };

function wrong(message: string): TrustError {
  return new TrustError('malformed-request', message);
}
