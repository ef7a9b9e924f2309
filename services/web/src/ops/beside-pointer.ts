interface Point {
  x: number;
  y: number;
}
interface Size {
  width: number;
  height: number;
}

const GAP_PX = 14;
const EDGE_PX = 8;

/** Where a card hangs beside the pointer, px in the window: below it, above where there is no room, never past an edge. */
export function besidePointer(pointer: Point, card: Size, window: Size): Point {
  const below = pointer.y + GAP_PX;
  const hasRoom = below + card.height + EDGE_PX <= window.height;
  return {
    x: Math.max(EDGE_PX, Math.min(pointer.x + GAP_PX, window.width - card.width - EDGE_PX)),
    y: Math.max(EDGE_PX, hasRoom ? below : pointer.y - GAP_PX - card.height),
  };
}
