// Which browser on which system, in two words of a closed list: enough for people to know their own again, nothing to tell them apart by.

/** The first that fits: most name others too. */
const browsers: readonly (readonly [string, RegExp])[] = [
  ['wechat', /MicroMessenger\//],
  ['edge', /\bEdg(?:e|A|iOS)?\//],
  ['opera', /\bOPR\//],
  ['samsung', /SamsungBrowser\//],
  ['firefox', /\b(?:Firefox|FxiOS)\//],
  ['chrome', /\b(?:Chrome|Chromium|CriOS)\//],
  ['safari', /\bSafari\//],
];
const systems: readonly (readonly [string, RegExp])[] = [
  ['harmony', /HarmonyOS|OpenHarmony/],
  ['android', /Android/],
  ['ios', /iPhone|iPad|iPod/],
  ['windows', /Windows/],
  ['mac', /Macintosh/],
  ['linux', /Linux|X11/],
];

/** `firefox windows`; what is not known is `other`. */
export function browserName(userAgent: string | undefined): string {
  const text = userAgent?.slice(0, 512) ?? '';
  const first = (list: typeof browsers) => list.find(([, mark]) => mark.test(text))?.[0] ?? 'other';
  return `${first(browsers)} ${first(systems)}`;
}
