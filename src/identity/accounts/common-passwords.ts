// Passwords that attackers try first: a list of fifty thousand, loaded when the first new password is judged (NIST SP 800-63B 3.1.1.2).

let list: Promise<ReadonlySet<string>> | undefined;

/**
 * Whether the password is on the list, as it is or without what people put around a common word to please old rules: capitals, digits
 * and signs at its ends. Also one that is made of up to three different characters.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  list ??= load();
  const common = await list;
  const text = password.normalize('NFKC').toLowerCase();
  const core = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return new Set(text).size <= 3 || common.has(text) || (core.length >= text.length / 2 && common.has(core));
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}
