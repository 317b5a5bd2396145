// The public name of a session: it follows from the engine's secret uid, so that a token can carry it before the session is stored.

import { digest } from '../../crypto/digest.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { type Id, idFromUuid, type Uuid, uuidOfBytes } from '../../kernel/ids.ts';

/** RFC 9562, 5.8 (version 8): the first bits of SHA-256 over the uid, which nobody finds from them. */
export function sessionUuidOf(uid: string): Uuid {
  const bytes = digest('SHA-256', utf8(`session:${uid}`)).slice(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return uuidOfBytes(bytes);
}

export function sessionIdOf(uid: string): Id<'session'> {
  return idFromUuid('session', sessionUuidOf(uid));
}
