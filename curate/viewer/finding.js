// Items by what is typed, one after the other: the id itself, ids that have it, texts that do.

const finding = { words: "", items: [], at: -1 };

function find(words) {
  if (!words) return [];
  const low = words.toLowerCase();
  const ranks = [[], [], []];
  for (let i = 0; i < N; i++) {
    if (DATA.ids[i] === words) ranks[0].push(i);
    else if (DATA.ids[i].toLowerCase().includes(low)) ranks[1].push(i);
    else if (DATA.texts && DATA.texts[i].toLowerCase().includes(low)) ranks[2].push(i);
  }
  return ranks.flat();
}

// The first item that has the words, or the next one where they are asked for again.
function findNext(typed) {
  const words = typed.trim();
  const again = words === finding.words;
  if (!again) Object.assign(finding, { words, items: find(words), at: -1 });
  const many = finding.items.length;
  byId("found").textContent = many ? "" : words && "nothing found";
  if (!many) return page.click(-1);
  finding.at = (finding.at + 1) % many;
  if (many > 1) byId("found").textContent = `${(finding.at + 1).toLocaleString("en")} of ${many.toLocaleString("en")}: Enter for the next`;
  return page.click(finding.items[finding.at]);
}

function listenForFinding() {
  const field = byId("find");
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") findNext(field.value); });
  // Left by another way than Enter, or emptied.
  field.addEventListener("change", () => { if (field.value.trim() !== finding.words) findNext(field.value); });
}
