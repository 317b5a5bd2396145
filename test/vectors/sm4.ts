// Published examples of SM4: GB/T 32907-2016, A.1 and A.2, and the AEAD example of RFC 8998, A.1 (SM4-GCM).

export const sm4Block = {
  source: 'GB/T 32907-2016 A.1 and A.2',
  key: '0123456789abcdeffedcba9876543210',
  plaintext: '0123456789abcdeffedcba9876543210',
  ciphertext: '681edf34d206965e86b3e94f536e4246',
  /** After 1,000,000 encryptions of the block under the same key. */
  millionth: '595298c7c6fd271f0402f804c33d3f66',
} as const;

/** GCM encrypts in counter mode from the block nonce ‖ 00000002 (NIST SP 800-38D, 7.1), so its ciphertext is an example of SM4-CTR. */
export const sm4Counter = {
  source: 'RFC 8998 A.1',
  key: '0123456789abcdeffedcba9876543210',
  counter: '00001234567800000000abcd00000002',
  plaintext:
    'aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd' +
    'eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa',
  ciphertext:
    '17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735' +
    'd82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d',
} as const;
