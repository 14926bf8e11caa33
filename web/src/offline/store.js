// What waits to be sent, sealed with a key of this device that no script can read out.
// It survives the end of a sign-in; only the officer who wrote it can open and send it.
import { openDB } from "idb";

const NAME = "hangji";
const ITEMS = "items";
const KEYS = "keys";
const CIPHER = "AES-GCM";

export const canKeep = Boolean(globalThis.indexedDB && globalThis.crypto?.subtle);

function open() {
  return openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore(ITEMS, { keyPath: "id" }).createIndex("officer", "officer");
      db.createObjectStore(KEYS);
    },
  });
}

async function using(work) {
  const db = await open();
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

async function keyOf(db, officer) {
  const known = await db.get(KEYS, officer);
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  await db.put(KEYS, made, officer);
  return made;
}

async function seal(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: CIPHER, iv }, key, bytes) };
}

function unseal(key, { iv, data }) {
  return crypto.subtle.decrypt({ name: CIPHER, iv }, key, data);
}

// `content` is the typed input, `files` the pictures; an item of the same id is replaced.
export async function put({ id, officer, at, state, why, content, files }) {
  const bytes = await Promise.all(files.map(({ file }) => file.arrayBuffer()));
  const told = files.map(({ field, file }) => ({
    field,
    name: file.name,
    type: file.type,
    at: file.lastModified,
  }));
  await using(async (db) => {
    const key = await keyOf(db, officer);
    const text = new TextEncoder().encode(JSON.stringify({ content, files: told, why }));
    const sealed = await seal(key, text);
    const pictures = [];
    for (const one of bytes) pictures.push(await seal(key, one));
    await db.put(ITEMS, { id, officer, at, state, sealed, pictures });
  });
}

// Those of an officer, the oldest first.
export function list(officer) {
  return using(async (db) => {
    const rows = await db.getAllFromIndex(ITEMS, "officer", officer);
    const key = await keyOf(db, officer);
    const items = await Promise.all(rows.map((row) => opened(key, row)));
    return items.sort((one, other) => one.at - other.at);
  });
}

async function opened(key, { id, officer, at, state, sealed, pictures }) {
  const told = JSON.parse(new TextDecoder().decode(await unseal(key, sealed)));
  const files = await Promise.all(
    told.files.map(async ({ field, name, type, at: lastModified }, index) => ({
      field,
      file: new File([await unseal(key, pictures[index])], name, { type, lastModified }),
    })),
  );
  return { id, officer, at, state, why: told.why, content: told.content, files };
}

export async function states(officer) {
  if (!canKeep) return [];
  return using(async (db) => {
    const rows = await db.getAllFromIndex(ITEMS, "officer", officer);
    return rows.map(({ state }) => state);
  });
}

export function remove(id) {
  return using((db) => db.delete(ITEMS, id));
}

// Everything of an officer, their key too: what was sealed cannot be opened by anybody any more.
export function clear(officer) {
  return using(async (db) => {
    for (const id of await db.getAllKeysFromIndex(ITEMS, "officer", officer)) {
      await db.delete(ITEMS, id);
    }
    await db.delete(KEYS, officer);
  });
}
