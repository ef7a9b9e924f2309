import { MercatorCoordinate, type CustomLayerInterface, type CustomRenderMethodInput, type Map } from 'maplibre-gl';
import { BAND_COLOUR, BAND_FROM, BANDS } from '../bands.ts';
import { FRAGMENT, VERTEX } from './bin-shader.ts';

/** What the layer draws; arrays are read anew on every refresh. */
export interface BinSource {
  count(): number;
  lon(index: number): number;
  lat(index: number): number;
  /** 0…1, NaN = unknown. */
  fill(): Float32Array;
  silent(): Uint8Array;
  /** False = left out by the filter. */
  isShown(index: number): boolean;
}

export interface BinLayer extends CustomLayerInterface {
  /** Reads positions again: after documents were added. */
  reload(): void;
  /** Reads values, filter and selection again. */
  refresh(): void;
  select(index: number): void;
  setColours(ring: string, halo: string): void;
  /** Finds the bin nearest to a place within `radiusPx`, -1 = none. Mercator coordinates. */
  pick(at: { x: number; y: number }, radiusPx: number, zoom: number): number;
}

interface Gpu {
  gl: WebGL2RenderingContext;
  program: WebGLProgram;
  vertexArray: WebGLVertexArrayObject;
  positions: WebGLBuffer;
  states: WebGLBuffer;
  order: WebGLBuffer;
  uniforms: Record<'matrix' | 'size' | 'ratio' | 'colours' | 'ring' | 'halo', WebGLUniformLocation | null>;
}

const WORLD_PX = 512;

/**
 * Makes the layer of bins: one draw call from a value buffer, no GeoJSON. A thousand changes a second cost one upload
 * of 8 bytes per bin per flush; feature-state cannot change shapes, and bands must differ in shape.
 */
export function createBinLayer(source: BinSource, colours: { ring: string; halo: string }): BinLayer {
  let map: Map | undefined;
  let gpu: Gpu | undefined;
  let mercator = new Float64Array(0);
  let anchor = { x: 0, y: 0 };
  let drawn = 0;
  let selected = -1;
  let { ring, halo } = colours;

  function readPositions(): void {
    const count = source.count();
    mercator = new Float64Array(count * 2);
    for (let index = 0; index < count; index += 1) {
      const at = MercatorCoordinate.fromLngLat([source.lon(index), source.lat(index)]);
      mercator[index * 2] = at.x;
      mercator[index * 2 + 1] = at.y;
    }
    anchor = { x: mercator[0] ?? 0, y: mercator[1] ?? 0 };
    if (!gpu) return;
    // Relative to an anchor: a 32-bit mercator coordinate jumps by metres when zoomed in.
    const relative = new Float32Array(count * 2);
    for (let at = 0; at < relative.length; at += 2) {
      relative[at] = (mercator[at] as number) - anchor.x;
      relative[at + 1] = (mercator[at + 1] as number) - anchor.y;
    }
    upload(gpu.gl, gpu.gl.ARRAY_BUFFER, gpu.positions, relative);
  }

  function readStates(): void {
    if (!gpu) return;
    const { gl } = gpu;
    const count = mercator.length / 2;
    const [fill, silent] = [source.fill(), source.silent()];
    const states = new Float32Array(count * 2);
    for (let index = 0; index < count; index += 1) {
      const value = fill[index] as number;
      states[index * 2] = Number.isNaN(value) ? -1 : value;
      states[index * 2 + 1] = (silent[index] ?? 0) + (index === selected ? 2 : 0);
    }
    upload(gl, gl.ARRAY_BUFFER, gpu.states, states);
    const order = drawingOrder(count, source, selected);
    drawn = order.length;
    gl.bindVertexArray(null);
    upload(gl, gl.ELEMENT_ARRAY_BUFFER, gpu.order, order);
  }

  return {
    id: 'bins',
    type: 'custom',
    renderingMode: '2d',
    onAdd(added, gl) {
      map = added;
      gpu = build(gl as WebGL2RenderingContext);
      readPositions();
      readStates();
    },
    onRemove() {
      gpu = undefined;
    },
    render(_gl, input) {
      if (gpu && drawn > 0) draw(gpu, input, { anchor, drawn, ring, halo, zoom: map?.getZoom() ?? 12 });
    },
    reload() {
      readPositions();
      readStates();
      map?.triggerRepaint();
    },
    refresh() {
      if (source.count() * 2 !== mercator.length) readPositions();
      readStates();
      map?.triggerRepaint();
    },
    select(index) {
      selected = index;
      readStates();
      map?.triggerRepaint();
    },
    setColours(nextRing, nextHalo) {
      [ring, halo] = [nextRing, nextHalo];
      map?.triggerRepaint();
    },
    pick(at, radiusPx, zoom) {
      let nearest = -1;
      let best = (radiusPx / (WORLD_PX * 2 ** zoom)) ** 2;
      for (let index = 0; index < mercator.length / 2; index += 1) {
        const dx = (mercator[index * 2] as number) - at.x;
        const dy = (mercator[index * 2 + 1] as number) - at.y;
        const distance = dx * dx + dy * dy;
        if (distance < best && source.isShown(index)) [best, nearest] = [distance, index];
      }
      return nearest;
    },
  };
}

/** Least urgent first, so that a full bin is never hidden under an empty one; the selected bin last. */
function drawingOrder(count: number, source: BinSource, selected: number): Uint32Array<ArrayBuffer> {
  const fill = source.fill();
  const ranks = new Uint8Array(count);
  // A counting sort: where each rank starts, then one place per bin.
  const starts = new Uint32Array(7);
  let shown = 0;
  for (let index = 0; index < count; index += 1) {
    const rank = index === selected ? 5 : source.isShown(index) ? rankOf(fill[index] as number) : 6;
    ranks[index] = rank;
    if (rank === 6) continue;
    shown += 1;
    starts[rank + 1] = (starts[rank + 1] as number) + 1;
  }
  for (let rank = 1; rank < 7; rank += 1) starts[rank] = (starts[rank] as number) + (starts[rank - 1] as number);
  const order = new Uint32Array(shown);
  for (let index = 0; index < count; index += 1) {
    const rank = ranks[index] as number;
    if (rank === 6) continue;
    const place = starts[rank] as number;
    order[place] = index;
    starts[rank] = place + 1;
  }
  return order;
}

/** 0 unknown, then the bands from low to full. */
function rankOf(fill: number): number {
  if (!(fill >= 0)) return 0;
  if (fill >= BAND_FROM.full) return 4;
  if (fill >= BAND_FROM.high) return 3;
  return fill >= BAND_FROM.medium ? 2 : 1;
}

interface Frame {
  anchor: { x: number; y: number };
  drawn: number;
  ring: string;
  halo: string;
  zoom: number;
}

function draw(gpu: Gpu, input: CustomRenderMethodInput, frame: Frame): void {
  const { gl, uniforms } = gpu;
  gl.useProgram(gpu.program);
  gl.bindVertexArray(gpu.vertexArray);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.disable(gl.DEPTH_TEST);
  gl.disable(gl.STENCIL_TEST);
  const ratio = globalThis.devicePixelRatio || 1;
  gl.uniformMatrix4fv(
    uniforms.matrix,
    false,
    translated(input.defaultProjectionData.mainMatrix as ArrayLike<number>, frame.anchor),
  );
  gl.uniform1f(uniforms.size, sizeAt(frame.zoom) * ratio);
  gl.uniform1f(uniforms.ratio, ratio);
  gl.uniform3fv(
    uniforms.colours,
    BANDS.flatMap((band) => rgb(BAND_COLOUR[band])),
  );
  gl.uniform3fv(uniforms.ring, rgb(frame.ring));
  gl.uniform3fv(uniforms.halo, rgb(frame.halo));
  gl.drawElements(gl.POINTS, frame.drawn, gl.UNSIGNED_INT, 0);
  gl.bindVertexArray(null);
}

function sizeAt(zoom: number): number {
  return Math.max(10, Math.min(28, 14 + (zoom - 12) * 3.2));
}

/** matrix · translate(anchor), in 64 bits before it becomes 32. */
function translated(matrix: ArrayLike<number>, { x, y }: { x: number; y: number }): Float32Array {
  const moved = Float64Array.from(matrix);
  for (let row = 0; row < 4; row += 1) {
    moved[12 + row] = (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[12 + row] ?? 0);
  }
  return Float32Array.from(moved);
}

function rgb(hex: string): number[] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

function upload(gl: WebGL2RenderingContext, target: number, buffer: WebGLBuffer, data: AllowSharedBufferSource): void {
  gl.bindBuffer(target, buffer);
  gl.bufferData(target, data, gl.DYNAMIC_DRAW);
  gl.bindBuffer(target, null);
}

function build(gl: WebGL2RenderingContext): Gpu {
  const program = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type) as WebGLShader;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`bin shader: ${gl.getProgramInfoLog(program)}`);
  const [positions, states, order] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()];
  const vertexArray = gl.createVertexArray();
  gl.bindVertexArray(vertexArray);
  for (const [name, buffer] of [
    ['a_position', positions],
    ['a_state', states],
  ] as const) {
    const location = gl.getAttribLocation(program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, 2, gl.FLOAT, false, 0, 0);
  }
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  gl.bindVertexArray(null);
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, `u_${name}`);
  const uniforms = {
    matrix: uniform('matrix'),
    size: uniform('size'),
    ratio: uniform('ratio'),
    colours: uniform('colours'),
    ring: uniform('ring'),
    halo: uniform('halo'),
  };
  return { gl, program, vertexArray, positions, states, order, uniforms };
}
