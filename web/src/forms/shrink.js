// A photo of a phone made small enough for a bad signal; where and when it was taken stays with it.

const MOST_BYTES = 400 << 10;
const LONGEST_SIDE = 1600;
const QUALITIES = [0.82, 0.7, 0.55];
const JPEG = "image/jpeg";
const SEGMENT_OF_EXIF = 0xffe1;
const ORIENTATION = 0x0112;
const UPRIGHT = 1;

// A file the browser cannot open is sent as it is: the server reports what is wrong with it.
export async function shrink(file) {
  if (file.size <= MOST_BYTES) return file;
  try {
    const drawn = await draw(file);
    const small = await compress(drawn);
    const exif = file.type === JPEG ? await exifOf(file) : null;
    const parts = exif ? [small.slice(0, 2), exif, small.slice(2)] : [small];
    const name = file.name.replace(/\.\w+$/, "") + ".jpg";
    return new File(parts, name, { type: JPEG, lastModified: file.lastModified });
  } catch {
    return file;
  }
}

async function draw(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  const context = canvas.getContext("2d");
  // Transparent parts would become black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas;
}

async function compress(canvas) {
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await new Promise((done) => canvas.toBlob(done, JPEG, quality));
    if (blob.size <= MOST_BYTES) break;
  }
  return blob;
}

// The EXIF segment, with its orientation reset: the picture drawn above is upright already.
async function exifOf(file) {
  const view = new DataView(await file.slice(0, 128 << 10).arrayBuffer());
  for (let at = 2; at + 4 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === SEGMENT_OF_EXIF && end <= view.byteLength) return upright(view, at, end);
    if (marker < 0xffe0 || marker > 0xffef) return null;
  }
  return null;
}

function upright(view, start, end) {
  const tiff = start + 10;
  const isLittle = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, isLittle);
  for (let entry = 0; entry < view.getUint16(first, isLittle); entry += 1) {
    const at = first + 2 + 12 * entry;
    if (view.getUint16(at, isLittle) === ORIENTATION) view.setUint16(at + 8, UPRIGHT, isLittle);
  }
  return view.buffer.slice(start, end);
}
