// A browser and its system as people know them, from the two words that a session keeps of its User-Agent header.

import { type Words, words } from './language.ts';

const browsers: Readonly<Record<string, string>> = {
  edge: 'Edge',
  firefox: 'Firefox',
  opera: 'Opera',
  wechat: 'WeChat',
  samsung: 'Samsung Internet',
  chrome: 'Chrome',
  safari: 'Safari',
};
const systems: Readonly<Record<string, string>> = {
  android: 'Android',
  ios: 'iOS',
  harmony: 'HarmonyOS',
  windows: 'Windows',
  mac: 'macOS',
  linux: 'Linux',
};

/** `kept`: the name of a browser and of a system, as src/http/browser-name.ts spells them. */
export function browserWords(kept: string): Words {
  const [browser = '', system = ''] = kept.split(' ').map((name, place) => (place === 0 ? browsers : systems)[name]);
  if (browser !== '' && system !== '') return words(`${system} 上的 ${browser}`, `${browser} on ${system}`);
  if (browser !== '' || system !== '') return words(`${browser}${system}`, `${browser}${system}`);
  return words('未知浏览器', 'Unknown browser');
}
