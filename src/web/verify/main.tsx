// Starts the verify page in the place that the server drew its form in.

import { createRoot } from 'react-dom/client';
import { pageLanguage } from '../page-language.ts';
import { VerifyPage } from './verify-page.tsx';

const place = document.getElementById('verify-page');
if (place !== null) {
  createRoot(place).render(
    <VerifyPage language={pageLanguage()} maxDocumentBytes={Number(place.dataset['maxBytes'])} />,
  );
  keepFragmentOnLanguageSwitch();
}

/** The fragment holds the scanned licence; the language switch is a plain link, which would lose it. */
function keepFragmentOnLanguageSwitch(): void {
  const link = document.querySelector<HTMLAnchorElement>('a.language');
  link?.addEventListener('click', () => {
    link.hash = location.hash;
  });
}
