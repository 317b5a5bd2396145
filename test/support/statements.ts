// Counts the SQL statements that something takes, whatever sends them: as they leave this process.

import { Client } from 'pg';

/** Transactions are brackets around statements, not statements. */
const brackets = /^(?:BEGIN|COMMIT|ROLLBACK)\b/;

/** The statements (their name, else how they begin) that were sent until `work` was done. Nothing else may run beside it. */
export async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const original: unknown = Reflect.get(Client.prototype, 'query');
  if (typeof original !== 'function') throw new TypeError('pg has changed');
  Reflect.set(Client.prototype, 'query', function counted(this: Client, ...given: unknown[]) {
    const [first] = given;
    const config: { name?: string; text?: string } =
      typeof first === 'string' ? { text: first } : typeof first === 'object' && first !== null ? first : {};
    const text = config.text ?? '';
    if (!brackets.test(text)) sent.push(config.name ?? text.replace(/\s+/g, ' ').slice(0, 80));
    return Reflect.apply(original, this, given);
  });
  try {
    await work();
  } finally {
    Reflect.set(Client.prototype, 'query', original);
  }
  return sent;
}
