import type { Fault } from '@ronde/contracts';

export type ReadJson = { ok: true; value: unknown } | { ok: false; fault: Fault };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON in UTF-8. A member that stands twice in one object is a fault: every parser takes another one of the two, and
 * if it is the device's name, the message would be filed under one device or the other by chance.
 */
export function readJson(payload: Uint8Array): ReadJson {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(payload);
    value = JSON.parse(text);
  } catch (error) {
    const remedy = "send JSON in UTF-8, or the network's own binary form, whole and unchanged";
    return { ok: false, fault: faultOf('message', `is not JSON: ${(error as Error).message}`, remedy) };
  }
  const twice = doubledMember(text);
  if (twice === undefined) return { ok: true, value };
  return { ok: false, fault: faultOf(twice, 'stands twice in one object', 'send each member once') };
}

function faultOf(field: string, message: string, remedy: string): Fault {
  return { field, code: 'PAYLOAD_MALFORMED', message, remedy };
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COLON] = [...'"\\{}[]:'].map((one) => one.charCodeAt(0));

/** Finds a member that an object has twice, in text that is known to be JSON; undefined when there is none. */
function doubledMember(text: string): string | undefined {
  // one set of names per open object, none per open list
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      last = text.slice(at, end + 1);
      at = end;
    } else if (code === COLON) {
      const name = last.includes('\\') ? (JSON.parse(last) as string) : last.slice(1, -1);
      const names = open.at(-1)!;
      if (names.has(name)) return name;
      names.add(name);
    } else if (code === OPEN) open.push(new Set());
    else if (code === OPEN_LIST) open.push(undefined);
    else if (code === CLOSE || code === CLOSE_LIST) open.pop();
  }
  return undefined;
}

function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  for (;;) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    // an even number of backslashes escapes itself
    if ((end - before) % 2 === 1) return end;
    end = text.indexOf('"', end + 1);
  }
}
