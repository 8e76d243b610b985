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
    offer(share, address.value);
    address.select();
    shared.scrollIntoView({ block: "nearest" });
  });
}

// A picture can be kept as a file; a whole card is a page. What only this machine can open is said to be so.
function offer(share, address) {
  document.getElementById("as-file").hidden = share.dataset.shows === "card_url";
  Object.assign(document.getElementById("as-svg"), { href: address, download: "candor.svg" });
  document.getElementById("loopback").hidden = !/^(localhost|127\..*|\[::1\])$/.test(location.hostname);
}

document.getElementById("as-png").addEventListener("click", async () => {
  const picture = new Image();
  picture.src = document.getElementById("as-svg").href;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 2 * picture.naturalWidth, height: 2 * picture.naturalHeight });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  Object.assign(document.createElement("a"), { href: canvas.toDataURL("image/png"), download: "candor.png" }).click();
});
document.getElementById("unshare").addEventListener("click", async () => {
  const revoked = { dataset: { ...last.dataset, link: last.dataset.link.split("?")[0] } };
  if ((await ask(revoked, "DELETE")).ok) shared.hidden = true;
});
