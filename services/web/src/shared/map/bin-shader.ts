/**
 * Draws one point per bin. `a_state.x` = fill 0…1 or -1 unknown; `a_state.y` = 1 when silent, 2 when selected, 3 both.
 * Band limits and shapes are those of `bands.ts`: circle, larger circle, diamond, square with "!", hollow circle.
 */
export const VERTEX = `#version 300 es
uniform mat4 u_matrix;
uniform float u_size;
in vec2 a_position;
in vec2 a_state;
flat out int v_band;
flat out int v_flags;
flat out float v_size;
void main() {
  float fill = a_state.x;
  v_band = fill < 0.0 ? 4 : fill >= 0.9 ? 3 : fill >= 0.75 ? 2 : fill >= 0.5 ? 1 : 0;
  v_flags = int(a_state.y);
  float factor = v_band == 3 ? 1.2 : v_band == 2 ? 1.2 : v_band == 1 ? 0.95 : 0.78;
  v_size = u_size * factor * (v_flags >= 2 ? 1.9 : 1.0);
  gl_PointSize = v_size;
  gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
}`;

export const FRAGMENT = `#version 300 es
precision mediump float;
uniform vec3 u_colours[5];
uniform vec3 u_ring;
uniform vec3 u_halo;
uniform float u_ratio;
flat in int v_band;
flat in int v_flags;
flat in float v_size;
out vec4 o_colour;
float shape(vec2 p, float r) {
  if (v_band == 2) return abs(p.x) + abs(p.y) - r;
  if (v_band == 3) return max(abs(p.x), abs(p.y)) - r * 0.8;
  return length(p) - r * 0.9;
}
void main() {
  bool isSelected = v_flags >= 2;
  bool isSilent = v_flags == 1 || v_flags == 3;
  vec2 p = (gl_PointCoord - 0.5) * v_size;
  float r = v_size * 0.5 * (isSelected ? 0.62 : 0.96);
  float ring = clamp(v_size * 0.13, 1.2 * u_ratio, 2.2 * u_ratio);
  float d = shape(p, r);
  float inside = 1.0 - smoothstep(-0.7, 0.7, d);
  float core = 1.0 - smoothstep(-0.7, 0.7, d + ring);
  vec3 colour = mix(u_ring, u_colours[v_band], core);
  float alpha = inside;
  if (v_band == 4) alpha = inside * (1.0 - core * 0.75);
  if (isSilent && mod(p.x + p.y, 4.0 * u_ratio) < 1.6 * u_ratio) colour = mix(colour, u_halo, core * 0.75);
  if (v_band == 3 && !isSilent) {
    float bar = max(abs(p.x) - r * 0.11, abs(p.y + r * 0.16) - r * 0.34);
    float dot_ = length(p - vec2(0.0, r * 0.42)) - r * 0.13;
    colour = mix(colour, vec3(1.0), 1.0 - smoothstep(-0.5, 0.5, min(bar, dot_)));
  }
  if (isSelected) {
    float halo = abs(length(p) - v_size * 0.5 + 2.5 * u_ratio) - 2.0 * u_ratio;
    float edge = 1.0 - smoothstep(-0.7, 0.7, halo);
    colour = mix(colour, u_ring, edge * (1.0 - inside));
    alpha = max(alpha, edge);
  }
  if (alpha < 0.01) discard;
  o_colour = vec4(colour * alpha, alpha);
}`;
