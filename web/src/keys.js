// A task by keyboard: its act, the tasks beside it in the list, the list. The page works without it.
const table = () => document.querySelector("[data-task-keys] dialog");

const press = (selector) => {
  const part = document.querySelector(selector);
  if (part && part.getAttribute("href") !== "#" && part.checkVisibility()) part.click();
};
const ACTS = {
  a: () => press("#task-form button.main"),
  f: () => document.querySelector("#task-form .field:not([hidden]) :is(input, textarea, select):not([type=hidden])")?.focus(),
  j: () => press("[data-after]"),
  k: () => press("[data-before]"),
  b: () => press("[data-back]"),
  "?": () => (table().open ? table().close() : table().showModal()),
};

// Nothing is a key where it could be part of what is written.
const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

function listen(event) {
  const { target, key } = event;
  if (!table() || event.altKey || event.metaKey || event.isComposing) return;
  if (event.ctrlKey) {
    if (key === "Enter" && target.closest("#task-form")) act(event, ACTS.a);
    return;
  }
  if (target.closest(TYPED) || (table().open && key !== "?")) return;
  if (Object.hasOwn(ACTS, key)) act(event, ACTS[key]);
}

function act(event, work) {
  event.preventDefault();
  // A key that is held does one thing.
  if (!event.repeat) work();
}

document.addEventListener("keydown", listen);
for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = false;
