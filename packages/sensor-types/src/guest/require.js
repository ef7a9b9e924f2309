/*
 * `require` for codecs that call it: it knows the modules of the other parts. Another package fails when something of
 * it is called, not before: some codecs ask for Node's crypto at their top and need it for encrypted payloads only.
 */
export default function install(kit) {
  'use strict';
  const { hide, modules } = kit;
  function missing(name) {
    const fail = () => {
      throw new Error(`the sandbox has no module '${name}'`);
    };
    return new Proxy({}, { get: (_, member) => (typeof member === 'string' ? fail : undefined) });
  }
  hide(globalThis, 'require', function require(name) {
    const found = modules[name];
    if (found !== undefined) return found;
    if (typeof name === 'string' && !name.startsWith('.')) return missing(name);
    throw new Error(`the sandbox has no module '${name}'`);
  });
}
