/** Frames as somebody types them, one a line, and the first line that is no hex. */
export interface HexLines {
  frames: string[];
  /** Number of the first faulty line, from 1. */
  faultAt?: number;
}

/** Reads frames from text: spaces, colons and a leading 0x are passed over. */
export function hexLines(text: string): HexLines {
  const frames: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const digits = line
      .trim()
      .replace(/^0x/i, '')
      .replaceAll(/[\s:,-]/g, '')
      .toLowerCase();
    if (digits === '') continue;
    if (!/^([0-9a-f]{2})+$/.test(digits)) return { frames, faultAt: index + 1 };
    frames.push(digits);
  }
  return { frames };
}
