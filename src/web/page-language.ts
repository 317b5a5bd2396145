// The language of the page: the server chose it and wrote it on the document.

import type { Language } from '../kernel/words/language.ts';

export function pageLanguage(): Language {
  return document.documentElement.lang === 'en' ? 'en' : 'zh-CN';
}
