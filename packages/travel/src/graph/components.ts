/** Links that are open: those of node v are to[start[v] … start[v+1]-1]. */
export interface Links {
  nodes: number;
  start: Int32Array;
  to: Int32Array;
}

/**
 * Finds the largest strongly connected component: from every node of it one gets to every other and back.
 * @returns 1 for the nodes in it
 * @see Tarjan 1972, here with a stack of its own instead of recursion
 */
export function largestComponent({ nodes, start, to }: Links): Uint8Array {
  const order = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const componentOf = new Int32Array(nodes).fill(-1);
  const next = new Int32Array(nodes);
  const stack = new Int32Array(nodes);
  const path = new Int32Array(nodes);
  let counter = 0;
  let stacked = 0;
  let best = { component: -1, size: 0 };
  for (let root = 0, components = 0; root < nodes; root++) {
    if (order[root]! >= 0) continue;
    let depth = 0;
    path[0] = root;
    order[root] = low[root] = counter++;
    next[root] = start[root]!;
    stack[stacked++] = root;
    while (depth >= 0) {
      const v = path[depth]!;
      if (next[v]! < start[v + 1]!) {
        const w = to[next[v]!++]!;
        if (order[w]! < 0) {
          order[w] = low[w] = counter++;
          next[w] = start[w]!;
          stack[stacked++] = w;
          path[++depth] = w;
        } else if (componentOf[w]! < 0 && order[w]! < low[v]!) low[v] = order[w]!;
        continue;
      }
      if (low[v] === order[v]) {
        const before = stacked;
        let w: number;
        do {
          w = stack[--stacked]!;
          componentOf[w] = components;
        } while (w !== v);
        if (before - stacked > best.size) best = { component: components, size: before - stacked };
        components++;
      }
      depth--;
      if (depth >= 0 && low[v]! < low[path[depth]!]!) low[path[depth]!] = low[v]!;
    }
  }
  return Uint8Array.from(componentOf, (component) => (component === best.component && best.size > 0 ? 1 : 0));
}
