// The pages that the OIDC engine needs drawn; the http room draws them and hands them in.

/** The part of a request that decides about the language of a page. */
export interface PageRequest {
  readonly path: string;
  readonly query: unknown;
  readonly headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined };
}

export interface ClientName {
  readonly name: string;
  readonly nameEn: string;
  /** Pages of the client: what becomes of people's data, and its terms. */
  readonly policyUri?: string;
  readonly tosUri?: string;
  /** Its name is its own word, and no administrator's (RFC 7591). */
  readonly registeredItself?: boolean;
}

/** Each returns a whole HTML document. */
export interface ProviderPages {
  /** `code` is an OAuth error code; `description` is the engine's, in English, and may hold parts of the request. */
  error(request: PageRequest, error: { readonly code: string; readonly description?: string }): string;
  /** `form` is the engine's form element `op.logoutForm` with its token; a button named `logout` confirms. */
  signOut(request: PageRequest, view: { readonly form: string; readonly client?: ClientName }): string;
  signedOut(request: PageRequest, view: { readonly client?: ClientName }): string;
  /** Leads on to `url` without a redirect: a form POST that is answered with a redirect to a client dies of `form-action 'self'`. */
  onward(request: PageRequest, url: string): string;
  /** A form that the browser posts to `action`, by itself where scripts run and by a button where not. */
  formPost(
    request: PageRequest,
    answer: { readonly action: string; readonly fields: readonly (readonly [name: string, value: string])[] },
  ): string;
  /** Where a person types the code of a device; `action` and `xsrf` are the engine's. */
  device(request: PageRequest, view: DeviceView & { readonly fault?: DeviceFault }): string;
  /** Which system asks from the device, and for what: `confirm=yes` agrees, `abort=yes` refuses. */
  deviceConfirm(
    request: PageRequest,
    view: DeviceView & {
      readonly userCode: string;
      readonly client: ClientName;
      readonly scopes: readonly string[];
      /** The real-name level that will be needed; 0: none. */
      readonly level: number;
      /** The network that the device asks from. */
      readonly origin?: string;
    },
  ): string;
  deviceDone(request: PageRequest, client: ClientName): string;
}

export interface DeviceView {
  readonly action: string;
  readonly xsrf: string;
  /** As it was typed. */
  readonly userCode?: string;
}

/** `used`: by somebody who was faster; `level`: the account's real-name level is too low for what the device wants. */
export type DeviceFault = 'missing' | 'unknown' | 'used' | 'refused' | 'level' | 'too-many' | 'failed';
