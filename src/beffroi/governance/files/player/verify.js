"use strict";
/* The checks of this page, over a map from file name to Blob: manifests, digests, custody chain, places. */
const VERIFY_LIMIT = 64 * 1024 * 1024;

class CannotCheck extends Error {}

/* The files of a chosen folder, named from inside the package. */
function filesOfFolder(list) {
  const files = new Map();
  for (const file of list) files.set((file.webkitRelativePath || file.name).split("/").slice(1).join("/") || file.name, file);
  return rootOf(files);
}

/* The entries of a stored zip, as slices of it: nothing is unpacked. */
async function filesOfZip(blob) {
  const tail = new DataView(await blob.slice(Math.max(0, blob.size - 65577)).arrayBuffer());
  const base = Math.max(0, blob.size - 65577);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at--;
  if (at < 0) throw new CannotCheck("zip_bad");
  let count = tail.getUint16(at + 10, true), size = tail.getUint32(at + 12, true), offset = tail.getUint32(at + 16, true);
  if (at >= 20 && tail.getUint32(at - 20, true) === 0x07064b50) {
    const end = Number(tail.getBigUint64(at - 12, true)) - base;
    if (end < 0 || end + 56 > tail.byteLength) throw new CannotCheck("zip_bad");
    count = Number(tail.getBigUint64(end + 32, true));
    size = Number(tail.getBigUint64(end + 40, true));
    offset = Number(tail.getBigUint64(end + 48, true));
  }
  if (size > VERIFY_LIMIT || offset + size > blob.size) throw new CannotCheck("zip_bad");
  return rootOf(await entriesOf(blob, offset, size, count));
}

async function entriesOf(blob, offset, size, count) {
  const view = new DataView(await blob.slice(offset, offset + size).arrayBuffer());
  const files = new Map(), decoder = new TextDecoder();
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (at + 46 > size || view.getUint32(at, true) !== 0x02014b50) throw new CannotCheck("zip_bad");
    const method = view.getUint16(at + 10, true);
    const nameLength = view.getUint16(at + 28, true), extraLength = view.getUint16(at + 30, true);
    let length = view.getUint32(at + 24, true), local = view.getUint32(at + 42, true);
    const name = decoder.decode(new Uint8Array(view.buffer, at + 46, nameLength));
    let extra = at + 46 + nameLength + 4;
    if (length === 0xffffffff) { length = Number(view.getBigUint64(extra, true)); extra += 16; }
    if (local === 0xffffffff) local = Number(view.getBigUint64(extra, true));
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (name.endsWith("/")) continue;
    if (method !== 0) throw new CannotCheck("packed");
    const head = new DataView(await blob.slice(local, local + 30).arrayBuffer());
    if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw new CannotCheck("zip_bad");
    const start = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    files.set(files.has(name) ? name + "\u0000twice" : name, blob.slice(start, start + length));
  }
  return files;
}

/* Names from inside the package, wherever its folder lies in what was chosen. */
function rootOf(files) {
  const roots = [...files.keys()].filter((name) => name === "manifest-sha256.txt" || name.endsWith("/manifest-sha256.txt"));
  if (!roots.length) throw new CannotCheck("no_package");
  const root = roots.sort((a, b) => a.length - b.length)[0].slice(0, -"manifest-sha256.txt".length);
  return new Map([...files].map(([name, blob]) => [name.startsWith(root) ? name.slice(root.length) : "../" + name, blob]));
}

async function textOf(files, name) {
  const blob = files.get(name);
  return blob && blob.size <= VERIFY_LIMIT ? blob.text() : "";
}

function manifestLines(text, where, findings) {
  const listed = new Map();
  text.split("\n").forEach((line, number) => {
    const match = /^([0-9a-f]{64})  (.+)$/.exec(line);
    if (match) listed.set(match[2].replace(/%0A/g, "\n").replace(/%0D/g, "\r").replace(/%25/g, "%"), match[1]);
    else if (line) findings.push({ where, code: "f_line", line: number + 1 });
  });
  return listed;
}

async function verifyFiles(files, progress) {
  const findings = [], states = new Map();
  const payload = manifestLines(await textOf(files, "manifest-sha256.txt"), "manifest-sha256.txt", findings);
  const tags = manifestLines(await textOf(files, "tagmanifest-sha256.txt"), "tagmanifest-sha256.txt", findings);
  const free = ["tagmanifest-sha256.txt", "tagmanifest-sha256.txt.tsr", "tagmanifest-sha256.txt.tsr.sha256"];
  for (const name of [...payload.keys(), ...tags.keys(), ...free, "bagit.txt", "bag-info.txt", "manifest-sha256.txt"])
    if (!files.has(name) && !findings.some((one) => one.where === name)) findings.push({ where: name, code: "f_missing" });
  for (const name of files.keys()) {
    if (name.endsWith("\u0000twice")) findings.push({ where: name.slice(0, -6), code: "f_twice" });
    else if (!(name.startsWith("data/") ? payload : tags).has(name) && !free.includes(name)) findings.push({ where: name, code: "f_extra" });
  }
  let total = 0, done = 0;
  for (const blob of files.values()) total += blob.size;
  for (const [name, digest] of [...payload, ...tags]) {
    if (!files.has(name)) continue;
    try {
      const found = await sha256OfBlob(files.get(name), (count) => { done += count; progress(name, done / (total || 1)); });
      states.set(name, found === digest);
    } catch (error) {
      states.set(name, false);
      findings.push({ where: name, code: "f_unreadable" });
    }
  }
  for (const [name, good] of states) if (!good) await placeFault(files, name, states, findings);
  await checkStamp(files, findings);
  await checkCustody(files, findings);
  const seal = files.has(free[0]) ? await sha256OfBlob(files.get(free[0])) : "";
  const key = (await textOf(files, "data/custody/office-key.txt")).trim();
  return { findings, states, files: files.size, bytes: total, seal, key };
}

async function placeFault(files, name, states, findings) {
  const digests = "data/metadata/fragments/" + name.split("/").pop().replace(/\.mp4$/, "") + ".jsonl";
  if (!name.startsWith("data/video/") || states.get(digests) !== true) {
    findings.push({ where: name, code: "f_altered" });
    return;
  }
  for (const line of (await textOf(files, digests)).split("\n").filter(Boolean)) {
    const part = JSON.parse(line);
    const piece = files.get(name).slice(part.offset, part.offset + part.length);
    if ((await sha256OfBlob(piece)) !== part.sha256)
      findings.push({ where: name, code: part.kind === "init" ? "f_place_init" : "f_place", first: part.offset, last: part.offset + part.length - 1, from_us: part.start_us, to_us: part.end_us });
  }
  if (!findings.some((one) => one.where === name)) findings.push({ where: name, code: "f_altered" });
}

async function checkStamp(files, findings) {
  const stamp = "tagmanifest-sha256.txt.tsr", sealed = files.get("tagmanifest-sha256.txt");
  if (!files.has(stamp) || !sealed || files.get(stamp).size > 1048576) return;
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const covers = hex(await files.get(stamp).arrayBuffer()).includes(await sha256OfBlob(sealed));
  const sum = (await sha256OfBlob(files.get(stamp))) + "  " + stamp + "\n";
  if (!covers || (await textOf(files, stamp + ".sha256")) !== sum) findings.push({ where: stamp, code: "f_stamp" });
}

async function checkCustody(files, findings) {
  const name = "data/custody/events.jsonl", encoder = new TextEncoder();
  let previous = "0".repeat(64);
  for (const [number, line] of (await textOf(files, name)).split("\n").slice(0, -1).entries()) {
    let event = null;
    try { event = JSON.parse(line); } catch (error) { event = null; }
    if (!event || event.seq !== number + 1 || event.prev_hash !== previous) {
      findings.push({ where: name, code: "f_custody", line: number + 1 });
      return;
    }
    previous = new Sha256().update(encoder.encode(line)).hex();
  }
}
