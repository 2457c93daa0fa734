/** Headings become buttons that sort the rows by their column, up and down in turn; rows without a value last. */
export function makeSortable(table: HTMLTableElement): void {
  const headings = [...table.tHead!.rows[0].cells];
  for (const [column, heading] of headings.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const descending = heading.getAttribute('aria-sort') === 'ascending';
      for (const other of headings) other.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      sortRows(table, column, descending ? -1 : 1);
    });
  }
}

function sortRows(table: HTMLTableElement, column: number, sign: 1 | -1): void {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, key: row.cells[column].dataset.value ?? '' }));
  const numeric = keyed.every(({ key }) => key === '' || Number.isFinite(Number(key)));
  keyed.sort((a, b) => {
    if (a.key === '' || b.key === '') return Number(a.key === '') - Number(b.key === '');
    if (numeric) return sign * (Number(a.key) - Number(b.key));
    return sign * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  });
  body.append(...keyed.map(({ row }) => row));
}
