// Refreshes the progress of a batch while it runs; runs in the browser.
const everyMs = 2000;

async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    // Piece by piece, so that what has the focus stays where nothing changed.
    for (const id of ['batch-state', 'batch-filters', 'batch-rows', 'batch-deeds']) {
      const [present, next] = [document.getElementById(id), page.getElementById(id)];
      if (present && next && present.innerHTML !== next.innerHTML) present.innerHTML = next.innerHTML;
    }
    if (page.getElementById('batch-state')?.dataset.running === undefined) return;
  }
  setTimeout(() => void refresh(), everyMs);
}

if (document.getElementById('batch-state')?.dataset.running !== undefined) setTimeout(() => void refresh(), everyMs);
