// What answers of the Cloud Signature Consortium API hold, typed from its clauses as its public clients read them; members that the standard leaves open are not named.

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: text };
const oid = { type: 'string', pattern: '^[0-2](\\.[0-9]+)+$' };
const base64 = { type: 'string', pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$', minLength: 4 };

/** 10.1. */
export const errorSchema = {
  type: 'object',
  properties: { error: { type: 'string', pattern: '^[a-z_]+$' }, error_description: text },
  required: ['error', 'error_description'],
  additionalProperties: false,
};

/** 11.1: with `oauth2code` in `authType` exactly one of `oauth2`, `oauth2Issuer` and `oauth2Servers` is there. */
export const infoSchema = {
  type: 'object',
  properties: {
    specs: { type: 'string', pattern: '^2\\.[0-9]+\\.[0-9]+\\.[0-9]+$' },
    name: { type: 'string', minLength: 1, maxLength: 255 },
    logo: { type: 'string', pattern: '^https?://' },
    region: { type: 'string', pattern: '^[A-Z]{2}$' },
    lang: { type: 'string', pattern: '^[a-z]{2}(-[A-Z]{2})?$' },
    description: { type: 'string', minLength: 1, maxLength: 255 },
    authType: { type: 'array', items: { enum: ['external', 'TLS', 'basic', 'digest', 'oauth2code', 'oauth2client'] }, minItems: 1 },
    oauth2: { type: 'string', pattern: '^https?://' },
    supportsRar: { type: 'boolean' },
    asynchronousOperationMode: { type: 'boolean' },
    methods: { type: 'array', items: text, minItems: 1 },
    validationInfo: { type: 'boolean' },
    signAlgorithms: { type: 'object', properties: { algos: { type: 'array', items: oid, minItems: 1 } }, required: ['algos'] },
    signature_formats: { type: 'object', properties: { formats: texts, envelope_properties: { type: 'array' } }, required: ['formats'] },
    conformance_levels: texts,
    supportedHashTypes: { type: 'array', items: { enum: ['DTBSR', 'SDR', 'SODR'] } },
  },
  required: ['specs', 'name', 'logo', 'region', 'lang', 'description', 'authType', 'oauth2', 'methods', 'signAlgorithms', 'signature_formats', 'conformance_levels', 'supportedHashTypes'],
};

/** 11.5. */
export const credentialSchema = {
  type: 'object',
  properties: {
    description: { type: 'string', maxLength: 255 },
    key: {
      type: 'object',
      properties: {
        status: { enum: ['enabled', 'disabled'] },
        algo: { type: 'array', items: oid, minItems: 1 },
        len: { type: 'integer', minimum: 1 },
        curve: oid,
      },
      required: ['status', 'algo', 'len', 'curve'],
    },
    cert: {
      type: 'object',
      properties: {
        status: { enum: ['valid', 'expired', 'revoked', 'suspended'] },
        certificates: { type: 'array', items: base64, minItems: 1 },
        issuerDN: text,
        serialNumber: { type: 'string', pattern: '^[0-9a-fA-F]+$' },
        subjectDN: text,
        validFrom: { type: 'string', pattern: '^[0-9]{14}Z$' },
        validTo: { type: 'string', pattern: '^[0-9]{14}Z$' },
      },
      required: ['status'],
    },
    auth: { type: 'object', properties: { mode: text, objects: { type: 'array' } }, required: ['mode'] },
    SCAL: { enum: ['1', '2'] },
    multisign: { type: 'integer', minimum: 1 },
    lang: text,
  },
  required: ['key', 'cert', 'auth', 'multisign'],
};

/** 11.4. */
export const listSchema = {
  type: 'object',
  properties: {
    credentialIDs: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 100 } },
    credentialInfos: { type: 'array', items: { ...credentialSchema, required: ['credentialID', ...credentialSchema.required] } },
    onlyValid: { type: 'boolean' },
    nextPageToken: text,
  },
  required: ['credentialIDs'],
};

/** 11.10. */
export const signaturesSchema = {
  type: 'object',
  properties: { signatures: { type: 'array', items: base64, minItems: 1 } },
  required: ['signatures'],
};
