// Speaks to the authenticator for the forms of passkeys: shows them where the browser can, fetches what is asked, sends what was answered.

import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser';

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey]')) prepare(form);

function prepare(form: HTMLFormElement): void {
  const answer = form.elements.namedItem('answer');
  if (!browserSupportsWebAuthn() || !(answer instanceof HTMLInputElement)) return;
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void answered(form).then((text) => {
      answer.value = text;
      form.submit(); // past this listener
    });
  });
}

/** Empty when the person declined or has no passkey here: the next page says so. */
async function answered({ dataset }: HTMLFormElement): Promise<string> {
  try {
    const response = await fetch(dataset['options'] ?? '', { method: 'POST', headers: { accept: 'application/json' } });
    if (!response.ok) return '';
    const optionsJSON = await response.json();
    const start = dataset['passkey'] === 'create' ? startRegistration : startAuthentication;
    return JSON.stringify(await start({ optionsJSON }));
  } catch {
    return '';
  }
}
