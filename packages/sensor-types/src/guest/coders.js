/*
 * Text to bytes and back in the encodings that Node knows, and the coders that browsers have, for codecs that mention
 * them or Buffer.
 */
export default function install(kit) {
  'use strict';
  const { hide, modules } = kit;
  const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

  function utf8Bytes(text) {
    const out = [];
    for (const char of text) {
      let code = char.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) out.push(code);
      else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return out;
  }

  function utf8Text(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length;) {
      const lead = bytes[i++];
      const more =
        lead < 0x80
          ? 0
          : lead >= 0xc2 && lead < 0xe0
            ? 1
            : lead >= 0xe0 && lead < 0xf0
              ? 2
              : lead >= 0xf0 && lead < 0xf5
                ? 3
                : -1;
      let code = more === 0 ? lead : more < 0 ? 0xfffd : lead & (0x3f >> more);
      for (let k = 0; k < more; k++) {
        const next = bytes[i];
        const low = k > 0 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
        const high = k > 0 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
        if (!(next >= low && next <= high)) {
          code = 0xfffd;
          break;
        }
        code = (code << 6) | (next & 63);
        i++;
      }
      out += String.fromCodePoint(code);
    }
    return out;
  }

  const latin1Bytes = (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i) & 255);
  const latin1Text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

  function hexBytes(text) {
    const out = [];
    for (let i = 0; i + 1 < text.length; i += 2) {
      const pair = text.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) break;
      out.push(parseInt(pair, 16));
    }
    return out;
  }
  const hexText = (bytes) => Array.from(bytes, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join('');

  function base64Bytes(text) {
    const out = [];
    let bits = 0;
    let held = 0;
    for (const char of text) {
      if (char === '=') break;
      const value = BASE64.indexOf(char === '-' ? '+' : char === '_' ? '/' : char);
      if (value < 0) continue;
      held = ((held << 6) | value) & 0xffffff;
      bits += 6;
      if (bits >= 8) out.push((held >> (bits -= 8)) & 255);
    }
    return out;
  }
  function base64Text(bytes) {
    let out = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const word = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
      out += BASE64[word >> 18] + BASE64[(word >> 12) & 63];
      out += (i + 1 < bytes.length ? BASE64[(word >> 6) & 63] : '=') + (i + 2 < bytes.length ? BASE64[word & 63] : '=');
    }
    return out;
  }

  const utf16Bytes = (text) => Array.from(text.split(''), (c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]).flat();
  function utf16Text(bytes) {
    let out = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) out += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    return out;
  }

  const utf8 = { bytes: utf8Bytes, text: utf8Text };
  const latin1 = { bytes: latin1Bytes, text: latin1Text };
  const utf16 = { bytes: utf16Bytes, text: utf16Text };
  const ascii = { bytes: latin1Bytes, text: (bytes) => latin1Text(Array.from(bytes, (byte) => byte & 127)) };
  const base64 = { bytes: base64Bytes, text: base64Text };
  const url = (bytes) => base64Text(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  const CODERS = {
    utf8,
    'utf-8': utf8,
    latin1,
    binary: latin1,
    ascii,
    base64,
    hex: { bytes: hexBytes, text: hexText },
  };
  Object.assign(CODERS, { base64url: { bytes: base64Bytes, text: url }, ucs2: utf16, 'ucs-2': utf16 });
  Object.assign(CODERS, { utf16le: utf16, 'utf-16le': utf16 });

  function coder(encoding) {
    if (encoding === undefined || encoding === null) return utf8;
    const found = CODERS[String(encoding).toLowerCase()];
    if (!found) throw new TypeError('Unknown encoding: ' + encoding);
    return found;
  }

  class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return new Uint8Array(utf8Bytes(String(text)));
    }
  }
  class TextDecoder {
    constructor(label = 'utf-8') {
      this.encoding = String(label).toLowerCase();
      this.coder = coder(this.encoding.replace(/^iso-8859-1$|^windows-1252$|^us-ascii$/, 'latin1'));
    }
    decode(bytes = []) {
      const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
      return this.coder.text(view).replace(/^\uFEFF/, '');
    }
  }
  const atob = (text) => latin1Text(base64Bytes(String(text)));
  const btoa = (text) => base64Text(latin1Bytes(String(text)));
  for (const [name, value] of Object.entries({ TextEncoder, TextDecoder, atob, btoa })) hide(globalThis, name, value);
  modules.util = modules['node:util'] = { TextEncoder, TextDecoder };
  kit.coder = coder;
  kit.isEncoding = (encoding) => String(encoding).toLowerCase() in CODERS;
}
