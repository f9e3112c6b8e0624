// The screen of a room: shows and sounds the state of the box once a second; says so when the box is silent.
// Raising the alert takes two gestures: choose, then hold for three seconds; a press is repeated until it is taken.
"use strict";
const holder = document.getElementById("state");
const query = new URLSearchParams({ room: holder.dataset.room, token: holder.dataset.token });
const audio = new Audio();
audio.loop = true;
let shown = "";
let silentSince = 0;
const helper = document.getElementById("help");
const helpNote = document.getElementById("help-state");
let sure = 0;
let going = false;

async function refresh() {
  try {
    const answer = await fetch(`/state.json?${query}`, { cache: "no-store", signal: AbortSignal.timeout(3000) });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    silentSince = 0;
    if (state.html !== shown) {
      shown = state.html;
      holder.innerHTML = state.html; // escaped by the box
      document.body.className = state.nature;
    }
    if (going && !state.nature) note.textContent = hint; // what was raised is over: the button is ready again
    going = state.nature !== "";
    sound(state.sound);
    if (!sure) helpNote.textContent = state.help || helpNote.dataset.failed || "";
  } catch {
    silentSince = silentSince || Date.now();
    if (Date.now() - silentSince > 4000) unknown();
  }
  setTimeout(refresh, 1000);
}

function sound(url) {
  if (!url) {
    audio.pause();
    audio.removeAttribute("src");
  } else if (!audio.src.endsWith(url)) {
    audio.src = url;
    audio.play().catch(() => {}); // a browser may want one touch first; the picture is there all the same
  }
}

function unknown() {
  shown = "";
  const section = document.createElement("section");
  section.className = "unknown";
  section.setAttribute("role", "alert");
  const title = document.createElement("h1");
  title.textContent = holder.dataset.unknown;
  const hint = document.createElement("p");
  hint.textContent = holder.dataset.unknownHint;
  section.append(title, hint);
  holder.replaceChildren(section);
}

const button = document.getElementById("raise");
const note = document.getElementById("raise-state");
const hint = note.textContent;
const boot = crypto.getRandomValues(new Uint32Array(3)).join("x");
let sequence = 0;
let held = 0;

function press(event) {
  if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  if (held) return;
  button.classList.add("holding");
  note.textContent = holder.dataset.hold;
  held = setTimeout(raise, 3000);
}

function release() {
  clearTimeout(held);
  held = 0;
  button.classList.remove("holding");
}

async function raise() {
  release();
  sequence += 1;
  const body = JSON.stringify({ hazard: document.getElementById("hazard").value, boot, sequence });
  const address = `/room/${holder.dataset.room}/${holder.dataset.token}/raise`;
  for (;;) {
    try {
      const answer = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(3000) });
      if (answer.ok) {
        note.textContent = holder.dataset.raised;
        return;
      }
    } catch {
      // the box did not answer: say so and try again until it does
    }
    note.textContent = holder.dataset.notRaised;
    await new Promise((again) => setTimeout(again, 1000));
  }
}

// A quiet call for an adult: two taps, none of them held. Nothing sounds here.
async function askHelp() {
  if (!sure) {
    sure = setTimeout(forget, 5000);
    helper.textContent = helper.dataset.helpSure;
    return;
  }
  forget();
  const press = crypto.getRandomValues(new Uint32Array(3)).join("x");
  const address = `/room/${holder.dataset.room}/${holder.dataset.token}/help`;
  try {
    const answer = await fetch(address, { method: "POST", body: JSON.stringify({ press }), signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(String(answer.status));
    delete helpNote.dataset.failed;
    helpNote.textContent = (await answer.json()).help;
  } catch {
    helpNote.dataset.failed = helpNote.textContent = helper.dataset.helpFailed;
  }
}

function forget() {
  clearTimeout(sure);
  sure = 0;
  helper.textContent = helper.dataset.help;
}

helper.addEventListener("click", askHelp);
for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, press);
for (const name of ["pointerup", "pointerleave", "keyup", "blur"]) button.addEventListener(name, release);
refresh();
