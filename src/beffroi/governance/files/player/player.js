"use strict";
/* The page itself: shows what package.js says, plays the videos, runs verify.js on what the user picks. */
(() => {
  const about = window.BEFFROI_PACKAGE;
  const by = (id) => document.getElementById(id);
  let language = /^en/i.test(navigator.language || "") ? "en" : "fr";
  let states = null, report = null, shown = null, playing = null;
  const text = (key) => TEXTS[language][key];
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

  /* A time in the centre's own zone with its offset, and in UTC. */
  function times(us) {
    const at = new Date(us / 1000);
    const local = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { dateStyle: "short", timeStyle: "medium", timeZone: about.zone }).format(at);
    const zone = new Intl.DateTimeFormat("en-GB", { timeZone: about.zone, timeZoneName: "longOffset" }).formatToParts(at).find((part) => part.type === "timeZoneName");
    return local + " (" + (zone ? zone.value.replace("GMT", "UTC") : about.zone) + ") · " + at.toISOString().slice(0, 23) + "Z";
  }

  function cell(row, value, className) {
    const made = document.createElement("td");
    made.textContent = value;
    if (className) made.className = className;
    row.append(made);
    return made;
  }

  function item(list, value, className) {
    const made = document.createElement("li");
    made.textContent = value;
    if (className) made.className = className;
    list.append(made);
    return made;
  }

  function drawVideos() {
    const body = by("videos");
    body.replaceChildren();
    for (const video of about.videos) {
      const row = document.createElement("tr");
      const extra = [video.synthetic ? text("synthetic") : "", video.mask_version ? text("masked") + " " + video.mask_version : ""].filter(Boolean);
      cell(row, [video.camera, ...extra].join(" – "));
      cell(row, times(video.start_us));
      cell(row, times(video.end_us));
      cell(row, video.codec);
      const good = states ? states.get(video.file) : undefined;
      cell(row, good === undefined ? text("unknown") : good ? text("ok") : text("altered"), good === undefined ? "quiet" : good ? "good" : "bad");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text("play");
      button.setAttribute("aria-label", text("playing") + " " + video.camera + ", " + times(video.start_us));
      button.addEventListener("click", () => play(video));
      cell(row, "").append(button);
      body.append(row);
    }
  }

  function play(video) {
    const screen = by("screen");
    playing = video;
    shown = null;
    by("trouble").hidden = true;
    screen.hidden = false;
    screen.src = "../video/" + encodeURIComponent(video.file.split("/").pop());
    screen.play().catch(() => undefined);
    screen.focus();
  }

  function tick() {
    const screen = by("screen");
    if (!playing) return;
    if (shown === null && screen.readyState >= 1) {
      /* Media time runs on over a whole recording: the file's first picture need not be at 0. */
      shown = screen.buffered.length ? screen.buffered.start(0) : screen.seekable.length ? screen.seekable.start(0) : 0;
      if (screen.currentTime < shown) screen.currentTime = shown;
    }
    by("clock").hidden = false;
    by("clock").textContent = times(Math.min(playing.end_us, playing.start_us + Math.round((screen.currentTime - (shown || 0)) * 1e6)));
  }

  function trouble() {
    if (!playing || !by("screen").error) return;
    by("trouble").hidden = false;
    by("trouble").textContent = /^(hvc1|hev1)/.test(playing.codec) ? text("hevc") : text("trouble");
  }

  function drawReport() {
    const list = by("findings"), verdict = by("verdict");
    list.replaceChildren();
    verdict.textContent = "";
    if (!report) return;
    if (report.why) {
      verdict.className = "bad";
      verdict.textContent = fill(text("unchecked"), { why: text(report.why) || report.why });
      return;
    }
    verdict.className = report.findings.length ? "bad" : "good";
    verdict.textContent = report.findings.length ? fill(text("bad"), { count: report.findings.length }) : fill(text("valid"), report);
    for (const one of report.findings.slice(0, 500)) {
      const filled = { ...one, from: one.from_us ? times(one.from_us) : "", to: one.to_us ? times(one.to_us) : "" };
      item(list, one.where + (language === "fr" ? "\u00a0: " : ": ") + fill(text(one.code), filled), "bad");
    }
    if (report.seal) item(list, text("note_seal") + " " + report.seal);
    if (report.key_sha256) item(list, text("note_key") + " " + report.key_sha256);
  }

  async function run(gather) {
    const bar = by("progress");
    report = null;
    states = null;
    drawReport();
    bar.hidden = false;
    bar.value = 0;
    let last = 0;
    try {
      const files = await gather();
      report = await verifyFiles(files, (name, part) => {
        if (performance.now() - last < 100) return;
        last = performance.now();
        bar.value = part;
        by("verdict").textContent = fill(text("reading"), { name });
      });
      states = report.states;
      if (/^[0-9a-f]{64}$/.test(report.key)) {
        const bytes = Uint8Array.from(report.key.match(/../g), (pair) => parseInt(pair, 16));
        report.key_sha256 = new Sha256().update(bytes).hex();
      }
    } catch (error) {
      report = { why: error instanceof CannotCheck ? error.message : String(error) };
    }
    bar.hidden = true;
    drawReport();
    drawVideos();
  }

  function draw() {
    document.documentElement.lang = language;
    document.title = text("kind");
    for (const one of document.querySelectorAll("[data-text]")) one.textContent = text(one.dataset.text);
    by("language").textContent = text("other");
    by("language").lang = text("otherLang");
    by("name").textContent = about.package;
    by("asked").textContent = text("asked") + (language === "fr" ? "\u00a0: " : ": ") + times(about.asked.start_us) + " – " + times(about.asked.end_us);
    by("original").textContent = text("original");
    by("no-gaps").hidden = about.gaps.length > 0;
    by("gaps").replaceChildren();
    for (const gap of about.gaps) item(by("gaps"), gap.camera + " – " + times(gap.start_us) + " → " + times(gap.end_us) + " – " + (text("cause")[gap.cause] || gap.cause));
    by("papers").replaceChildren();
    for (const paper of about.papers) {
      const link = document.createElement("a");
      link.href = "../" + paper.file.slice("data/".length);
      link.textContent = text("legal")[paper.kind] || paper.file;
      item(by("papers"), "").append(link);
    }
    drawVideos();
    drawReport();
    trouble();
  }

  by("language").addEventListener("click", () => { language = language === "fr" ? "en" : "fr"; draw(); });
  by("folder").addEventListener("change", (event) => run(async () => filesOfFolder(event.target.files)));
  by("zip").addEventListener("change", (event) => run(() => filesOfZip(event.target.files[0])));
  for (const name of ["loadedmetadata", "loadeddata", "timeupdate", "seeked"]) by("screen").addEventListener(name, tick);
  by("screen").addEventListener("error", trouble);
  draw();
})();
