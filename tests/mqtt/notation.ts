/*
 * How Mosquitto's sources write the bytes of a packet: hexadecimal, and since 2.1 also words of their own. `i5` is a number
 * of 8 bits, `H5` of 16 (so are `k5` a keep alive, `m5` a packet id, `s5` a length), `L5` of 32, `v5` one of variable
 * length (so is `r5`, the remaining length), `'text'` a text.
 */
const NUMBER = /^([iHkmsLvr])(\d+)$/;

/** Turns such a text into bytes. */
export function bytesOf(text: string): Buffer {
  const words = text.match(/'[^']*'|[^ ]+/g) ?? [];
  return Buffer.concat(words.map(wordBytes));
}

function wordBytes(word: string): Buffer {
  if (word.startsWith("'")) return Buffer.from(word.slice(1, -1));
  const [, kind, digits] = NUMBER.exec(word) ?? [];
  if (kind === undefined) return hexBytes(word);
  const value = Number(digits);
  if (kind === 'v' || kind === 'r') return variableLength(value);
  const width = kind === 'i' ? 1 : kind === 'L' ? 4 : 2;
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

function hexBytes(word: string): Buffer {
  // Buffer.from would leave out what it does not know, and a broker be blamed for it
  if (!/^([0-9a-f]{2})+$/i.test(word)) throw new Error(`"${word}" is no word of packet sequences known here`);
  return Buffer.from(word, 'hex');
}

/** [MQTT 3.1.1 §2.2.3]; longer than four bytes on purpose when the number asks for it. */
function variableLength(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128))
    bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
  return Buffer.from(bytes);
}
