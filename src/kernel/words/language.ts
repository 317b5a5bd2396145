// The two languages of every page, and the shape in which words are kept: both beside each other, so that neither is forgotten.

/** BCP 47 tags; Chinese is first everywhere. */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

/** The first of these BCP 47 tags or ranges that is one of ours. */
export function languageIn(tags: readonly string[]): Language | undefined {
  for (const tag of tags) {
    const primary = tag.split('-')[0]?.toLowerCase();
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return undefined;
}

/** One text in both languages. */
export type Words = Readonly<Record<Language, string>>;

export function words(chinese: string, english: string): Words {
  return { 'zh-CN': chinese, en: english };
}
