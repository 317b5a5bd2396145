// Text of one line that reads as it is written: for reasons and purposes, which people later read in logs and on terminals.

/** \p{C}: control, format and unassigned characters start lines, move cursors, or turn the direction of reading. */
const unreadable = /[\p{C}\p{Zl}\p{Zp}]/u;

/** 1 to `maxLength` characters, not blank. */
export function isPlainText(text: string, maxLength: number): boolean {
  return text.trim() !== '' && text.length <= maxLength && !unreadable.test(text);
}
