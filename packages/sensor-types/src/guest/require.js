/* `require` for codecs that call it: it knows the modules of the other parts, and nothing else. */
export default function install(kit) {
  'use strict';
  const { hide, modules } = kit;
  hide(globalThis, 'require', function require(name) {
    const found = modules[name];
    if (found === undefined) throw new Error(`the sandbox has no module '${name}'`);
    return found;
  });
}
