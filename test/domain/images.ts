/** Images of which only the head is real: a type and a size, which is all that is read of them. */

function bytesOf(...parts: (number[] | string)[]): number[] {
  return parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part));
}

const big = (value: number, count: number) =>
  Array.from({ length: count }, (_, at) => (value / 2 ** (8 * (count - 1 - at))) & 255);
const little = (value: number, count: number) => big(value, count).reverse();

export function png(width: number, height: number): Uint8Array {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const ihdr = bytesOf(big(13, 4), "IHDR", big(width, 4), big(height, 4), [8, 2, 0, 0, 0], big(0, 4));
  return new Uint8Array([...signature, ...ihdr, ...bytesOf(big(0, 4), "IEND", big(0, 4))]);
}

export function jpeg(width: number, height: number): Uint8Array {
  const app0 = bytesOf([0xff, 0xe0], big(16, 2), "JFIF\0", [1, 1, 0], big(72, 2), big(72, 2), [0, 0]);
  const sof0 = bytesOf(
    [0xff, 0xc0],
    big(17, 2),
    [8],
    big(height, 2),
    big(width, 2),
    [3, 1, 34, 0, 2, 17, 1, 3, 17, 1],
  );
  return new Uint8Array([0xff, 0xd8, ...app0, ...sof0, 0xff, 0xd9]);
}

/** The extended form of WebP, whose header tells the size of the canvas. */
export function webp(width: number, height: number): Uint8Array {
  const vp8x = bytesOf("VP8X", little(10, 4), [0, 0, 0, 0], little(width - 1, 3), little(height - 1, 3));
  return new Uint8Array(bytesOf("RIFF", little(vp8x.length + 4, 4), "WEBP", vp8x));
}

export function gif(width: number, height: number): Uint8Array {
  return new Uint8Array(bytesOf("GIF89a", little(width, 2), little(height, 2), [0, 0, 0]));
}

export function bmp(width: number, height: number): Uint8Array {
  return new Uint8Array(
    bytesOf(
      "BM",
      little(54, 4),
      little(0, 4),
      little(54, 4),
      little(40, 4),
      little(width, 4),
      little(height, 4),
    ),
  );
}

/** The same image with so many bytes in all. */
export function padded(image: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(image);
  return bytes;
}
