// Sends the picture that was chosen as it is, and loads the page anew with it; runs in the browser.
const form = document.querySelector('form[data-picture]');
form?.addEventListener('submit', (event) => {
  event.preventDefault();
  void send(form);
});

async function send(form) {
  const [file] = form.querySelector('input[type=file]').files;
  const [button, fault] = [form.querySelector('button'), form.querySelector('[role=alert]')];
  button.disabled = true;
  fault.textContent = '';
  try {
    const type = file.type || 'application/octet-stream';
    const answer = await fetch(form.action, { method: 'POST', headers: { 'content-type': type }, body: file });
    if (answer.ok) return location.assign(`${location.pathname}?done=yes`);
    fault.textContent = (await answer.json()).message;
  } catch {
    fault.textContent = form.dataset.noAnswer;
  }
  button.disabled = false;
}
