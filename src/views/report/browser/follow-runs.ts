/**
 * A served page asks for a newer self every so often, and when the answer differs shows that one; what
 * the reader has typed, sorted or opened would be lost, so then a button offers it instead.
 */
export function followRuns(): void {
  let tag = ownTag();
  const look = async () => {
    try {
      const response = await fetch(location.pathname + location.search, {
        method: 'HEAD',
        cache: 'no-store',
      });
      const now = response.headers.get('etag');
      if (tag !== null && now !== null && now !== tag) {
        if (isUntouched()) location.reload();
        else offerReload();
        return;
      }
      tag = now;
    } catch {
      // the server has ended, or not come back yet: the page stays readable
    }
    setTimeout(look, LOOK_MS);
  };
  setTimeout(look, LOOK_MS);
}

/** Of the page as it was loaded, which may be an older one by the first look; null where the browser does not say. */
function ownTag(): string | null {
  const [loaded] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const told = loaded?.serverTiming?.find(({ name }) => name === 'page');
  return told ? `"${told.description}"` : null;
}

const LOOK_MS = 2000;

function isUntouched(): boolean {
  const filter = document.getElementById('filter') as HTMLInputElement;
  const sorted = document.querySelector('[aria-sort]');
  return filter.value === '' && !sorted && !document.querySelector('details[open]');
}

function offerReload(): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'There is news: load it';
  button.addEventListener('click', () => location.reload());
  document.querySelector('nav')!.append(button);
}
