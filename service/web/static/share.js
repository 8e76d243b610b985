// Makes and revokes the links that show a picture, or the whole card, to who has no key.
const shared = document.getElementById("shared");
let last;
const ask = (share, method) =>
  fetch(share.dataset.link, { method, headers: { "X-CSRF-Token": share.dataset.token }, credentials: "same-origin" });

for (const share of document.querySelectorAll("button[data-shows]")) {
  share.hidden = false;
  share.addEventListener("click", async () => {
    const answer = await ask(share, "POST");
    if (!answer.ok) return;
    const address = document.getElementById("shared-address");
    address.value = new URL((await answer.json())[share.dataset.shows], location.href).href;
    last = share;
    shared.hidden = false;
    address.select();
  });
}
document.getElementById("unshare").addEventListener("click", async () => {
  const revoked = { dataset: { ...last.dataset, link: last.dataset.link.split("?")[0] } };
  if ((await ask(revoked, "DELETE")).ok) shared.hidden = true;
});
