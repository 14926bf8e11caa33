// Photos are added one by one, as a phone's camera gives them; each can be taken out before sending.
// Without it a field of photos takes what is chosen last, as browsers do.

const PICKED = new WeakMap();

export function collectPhotos(input) {
  if (PICKED.has(input)) return;
  PICKED.set(input, [...input.files]);
  input.addEventListener("change", () => {
    const before = PICKED.get(input);
    const added = [...input.files].filter((file) => !before.some((one) => isSame(one, file)));
    keep(input, [...before, ...added]);
  });
}

function isSame(one, other) {
  return ["name", "size", "lastModified"].every((what) => one[what] === other[what]);
}

function keep(input, files) {
  PICKED.set(input, files);
  const held = new DataTransfer();
  for (const file of files) held.items.add(file);
  input.files = held.files;
  draw(input, files);
}

function draw(input, files) {
  const list = document.getElementById(`${input.id}-chosen`);
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...files.map((file) => shown(input, list, file)));
}

function shown(input, list, file) {
  const [item, image, name, button] = ["li", "img", "span", "button"].map((tag) =>
    document.createElement(tag),
  );
  image.src = URL.createObjectURL(file);
  image.alt = "";
  name.textContent = file.name;
  button.type = "button";
  button.textContent = list.dataset.remove;
  button.setAttribute("aria-label", `${list.dataset.remove} ${file.name}`);
  button.addEventListener("click", () => {
    keep(
      input,
      PICKED.get(input).filter((one) => one !== file),
    );
    // What was pressed is gone; the next thing to press is the field itself.
    input.focus();
  });
  item.append(image, name, button);
  return item;
}
