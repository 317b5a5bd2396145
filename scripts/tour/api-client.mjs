// The JSON API as a business system uses it: a client-credentials token of sandbox-system, then plain requests.

const systemId = 'sandbox-system';
const systemSecret = 'sandbox-system-secret';
const scopes = 'seal.read seal.stamp licence.read licence.issue licence.manage verify audit.read';

/** Resolves to `call(path, options)`, which gives `{ status, json, bytes }` and throws on a status that was not expected. */
export async function apiClient(url) {
  const response = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${systemId}:${systemSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: scopes }),
  });
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
  const { access_token: token } = await response.json();
  return (path, options) => call(url, token, path, options);
}

/** `json` or `bytes` make it a POST; `anonymous` leaves the token out. */
async function call(url, token, path, { json, bytes, type, accept, anonymous = false, expected = [200, 201] } = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: json === undefined && bytes === undefined ? 'GET' : 'POST',
    headers: {
      ...(anonymous ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bytes === undefined ? {} : { 'content-type': type ?? 'application/pdf' }),
      ...(accept === undefined ? {} : { accept }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(bytes === undefined ? {} : { body: bytes }),
  });
  const body = Buffer.from(await response.arrayBuffer());
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer = { status: response.status, bytes: body, json: isJson ? JSON.parse(body.toString()) : undefined };
  if (!expected.includes(response.status)) {
    throw new Error(`${path} answers ${response.status} ${answer.json?.code ?? ''} ${answer.json?.detail ?? ''}`);
  }
  return answer;
}
