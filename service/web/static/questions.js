// Offers only the trusted people of the community that is chosen.
const community = document.getElementById("dataset");
const trusted = document.getElementById("trust_root");
const lists = [...trusted.options];

function offer() {
  const { network } = community.selectedOptions[0].dataset;
  const fitting = lists.filter((each) => !each.dataset.network || each.dataset.network === network);
  for (const each of fitting) each.hidden = each.disabled = false;
  trusted.replaceChildren(...fitting);
  if (!trusted.value) trusted.value = "";
}

community.addEventListener("change", offer);
offer();
