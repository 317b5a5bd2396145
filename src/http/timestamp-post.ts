// What a time-stamp request and its reply look like in HTTP; RFC 3161, 3.4.

export const timestampRequestType = 'application/timestamp-query';
/** A TimeStampReq is under 200 bytes. */
export const timestampLimitBytes = 8 * 1024;
export const timestampReplyHeaders = {
  'content-type': 'application/timestamp-reply',
  'cache-control': 'no-store',
} as const;
