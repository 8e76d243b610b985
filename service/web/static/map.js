// Ties the marks of the map to the rows of the list: pointing at one shows the other, opening one opens its card.
const rows = new Map();
for (const row of document.querySelectorAll(".people tbody tr")) rows.set(row.dataset.account, row);

for (const mark of document.querySelectorAll(".ground a.mark")) {
  const row = rows.get(mark.dataset.account);
  if (row === undefined) continue;
  const light = (on) => () => row.classList.toggle("lit", on);
  mark.addEventListener("pointerenter", light(true));
  mark.addEventListener("pointerleave", light(false));
  mark.addEventListener("focus", light(true));
  mark.addEventListener("blur", light(false));
  mark.addEventListener("click", (event) => {
    event.preventDefault();
    row.querySelector("button").click();
  });
  const lit = (on) => () => mark.classList.toggle("lit", on);
  row.addEventListener("pointerenter", lit(true));
  row.addEventListener("pointerleave", lit(false));
  row.addEventListener("focusin", lit(true));
  row.addEventListener("focusout", lit(false));
}

for (const filter of document.querySelectorAll(".filters select")) {
  filter.addEventListener("change", () => filter.form.requestSubmit());
}
