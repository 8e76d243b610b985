// Makes and revokes the link that shows a picture to who has no key.
const share = document.getElementById("share");
const shared = document.getElementById("shared");
const ask = (method) =>
  fetch(share.dataset.link, { method, headers: { "X-CSRF-Token": share.dataset.token }, credentials: "same-origin" });

share.hidden = false;
share.addEventListener("click", async () => {
  const answer = await ask("POST");
  if (!answer.ok) return;
  const address = document.getElementById("shared-address");
  address.value = new URL((await answer.json())[share.dataset.picture], location.href).href;
  shared.hidden = false;
  address.select();
});
document.getElementById("unshare").addEventListener("click", async () => {
  if ((await ask("DELETE")).ok) shared.hidden = true;
});
