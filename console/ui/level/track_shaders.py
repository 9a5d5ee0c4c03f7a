"""How the card draws tracks: colour by session or by a ramp, a time, a section, a fading trail.

A program is made of what a frame needs and nothing else: where OpenGL is done in software, everything that is handed
from a vertex to a pixel is paid for with every line, and a pixel that might be discarded is tested for depth late.
"""

from dataclasses import dataclass

from console.ui.level.session_texture import LOOK_UP

STOPS = 5  # of a ramp; one with fewer repeats its last


@dataclass(frozen=True)
class Look:
    """What a frame's program can do.

    `ramp`: colours by a value, else by session; `cut`: lines end within a strip, where time, trail or section do;
    `halo`: the rim in the ground's colour.
    """

    ramp: bool = False
    cut: bool = False
    halo: bool = False

    @property
    def defines(self) -> str:
        """The head of both shaders."""
        return "".join(f"#define {name.upper()}\n" for name in ("ramp", "cut", "halo") if getattr(self, name))


VERTEX = (
    LOOK_UP
    + """
uniform mat4 u_mvp;
uniform mat4 u_world;
uniform float u_value_scale;
uniform float u_since_entered;  // 1: the value is a time, counted from when the session entered
uniform float u_entered_from;
uniform float u_stops[5];
uniform vec3 u_ramp[5];
uniform vec3 u_unknown;
uniform vec3 u_halo;
uniform vec3 u_ground;
uniform float u_lift;
IN vec3 a_position;
IN float a_time;
IN float a_session;
IN float a_value;
OUT vec3 v_color;
#ifdef CUT
OUT vec2 v_place;  // in time and in height
#endif

#ifdef RAMP
vec3 ramp_color() {
    float value = a_value * u_value_scale;
    if (u_since_entered > 0.5) {
        vec4 tenths = floor(session_fact(a_session, 1.0) * 255.0 + 0.5);
        float entered = dot(tenths, vec4(0.1, 25.6, 6553.6, 1677721.6));
        value = max(a_time - u_entered_from - entered, 0.0);
    }
    vec3 color = u_ramp[0];
    for (int i = 1; i < 5; i++) {
        float width = max(u_stops[i] - u_stops[i - 1], 1e-6);
        color = mix(color, u_ramp[i], clamp((value - u_stops[i - 1]) / width, 0.0, 1.0));
    }
    return value < 0.0 ? u_unknown : color;
}
#endif

void main() {
    vec4 world = u_world * vec4(a_position, 1.0);
#ifdef CUT
    v_place = vec2(a_time, world.z);
#endif
    gl_Position = u_mvp * (world + vec4(0.0, 0.0, u_lift, 0.0));
    vec4 session = session_fact(a_session, 0.0);
    bool dimmed = session.a < 0.75;
#ifdef HALO
    v_color = u_halo;
    // Wide lines of two widths differ in depth by a little: a rim must never cover its own line.
    gl_Position.z += 4e-5 * gl_Position.w;
    if (dimmed) gl_Position = vec4(0.0, 0.0, 2.0, 1.0);  // all of a strip, beyond what is seen
#else
#ifdef RAMP
    v_color = ramp_color();
#else
    v_color = session.rgb;
#endif
    if (dimmed) v_color = mix(v_color, u_ground, 0.78);
#endif
}
"""
)

FRAGMENT = """
uniform vec2 u_time_range;
uniform float u_trail;          // seconds before the end of the time range that are seen, 0 for all
uniform vec2 u_section;
IN vec3 v_color;
#ifdef CUT
IN vec2 v_place;
void main() {
    if (v_place.x < u_time_range.x || v_place.x > u_time_range.y) discard;
    if (v_place.y < u_section.x || v_place.y > u_section.y) discard;
    float age = u_trail > 0.0 ? (u_time_range.y - v_place.x) / u_trail : 0.0;
    if (age > 1.0) discard;
    frag_color = vec4(v_color, 1.0 - 0.92 * age * age);
}
#else
void main() {
    frag_color = vec4(v_color, 1.0);
}
#endif
"""
