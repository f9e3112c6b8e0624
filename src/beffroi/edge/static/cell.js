// The tablet of the crisis cell: what changes is fetched every two seconds, what is being typed stays as it is.
"use strict";
const live = () => [...document.querySelectorAll("[data-live]")];
const names = (found) => found.map((one) => one.dataset.live).join(" ");
let silentSince = 0;
const chime = new Audio("/help.wav");
let chimed = 0;

function ring() {
  if (!document.querySelector("[data-chime]") || Date.now() - chimed < 15000) return;
  chimed = Date.now();
  chime.play().catch(() => {}); // a browser may want one touch first; the call is there all the same
}

async function refresh() {
  try {
    const answer = await fetch("/cell", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const there = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...there.querySelectorAll("[data-live]")];
    silentSince = 0;
    if (names(fresh) !== names(live())) {
      location.reload(); // another alert, or none any more: other forms belong to it
      return;
    }
    live().forEach((one, index) => {
      if (one.innerHTML !== fresh[index].innerHTML) one.innerHTML = fresh[index].innerHTML; // escaped by the box
    });
  } catch {
    silentSince = silentSince || Date.now();
    if (Date.now() - silentSince > 6000) document.getElementById("silent").hidden = false;
  }
  ring();
  if (!silentSince) document.getElementById("silent").hidden = true;
  setTimeout(refresh, 2000);
}

setTimeout(refresh, 2000);
