// Which wording of the terms of use (服务协议) people accept today; the words are in src/http/pages/text/terms.ts.

/** Raised with every change of the words: an account names the wording that its owner accepted. */
export const termsVersion = '2026-11';
