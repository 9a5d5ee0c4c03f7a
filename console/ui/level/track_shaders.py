"""How the card draws tracks: colour by session or by a ramp, a time, a section, a fading trail."""

from console.ui.level.session_texture import LOOK_UP

STOPS = 5  # of a ramp; one with fewer repeats its last

VERTEX = (
    LOOK_UP
    + """
uniform mat4 u_mvp;
uniform mat4 u_world;
uniform float u_by_ramp;        // 1: colour by a value, 0: by session
uniform float u_value_scale;
uniform float u_since_entered;  // 1: the value is a time, counted from when the session entered
uniform float u_entered_from;
uniform float u_stops[5];
uniform vec3 u_ramp[5];
uniform vec3 u_unknown;
uniform vec3 u_halo;
uniform vec3 u_ground;
uniform float u_is_halo;
uniform float u_lift;
IN vec3 a_position;
IN float a_time;
IN float a_session;
IN float a_value;
OUT vec3 v_color;
OUT float v_seen;
OUT float v_time;
OUT float v_height;
void main() {
    vec4 world = u_world * vec4(a_position, 1.0);
    v_height = world.z;
    v_time = a_time;
    vec4 session = session_fact(a_session, 0.0);
    v_seen = session.a;
    v_color = session.rgb;
    if (u_by_ramp > 0.5) {
        float value = a_value * u_value_scale;
        if (u_since_entered > 0.5) {
            vec4 tenths = floor(session_fact(a_session, 1.0) * 255.0 + 0.5);
            float entered = dot(tenths, vec4(0.1, 25.6, 6553.6, 1677721.6));
            value = max(a_time - u_entered_from - entered, 0.0);
        }
        v_color = u_ramp[0];
        for (int i = 1; i < 5; i++) {
            float width = max(u_stops[i] - u_stops[i - 1], 1e-6);
            v_color = mix(v_color, u_ramp[i], clamp((value - u_stops[i - 1]) / width, 0.0, 1.0));
        }
        if (value < 0.0) v_color = u_unknown;
    }
    if (v_seen < 0.75) v_color = mix(v_color, u_ground, 0.78);
    if (u_is_halo > 0.5) {
        v_color = u_halo;
        if (v_seen < 0.75) v_seen = 0.0;
    }
    gl_Position = u_mvp * (world + vec4(0.0, 0.0, u_lift, 0.0));
    // Wide lines of two widths differ in depth by a little: a rim must never cover its own line.
    if (u_is_halo > 0.5) gl_Position.z += 4e-5 * gl_Position.w;
}
"""
)

FRAGMENT = """
uniform vec2 u_time_range;
uniform float u_trail;          // seconds before the end of the time range that are seen, 0 for all
uniform vec2 u_section;
IN vec3 v_color;
IN float v_seen;
IN float v_time;
IN float v_height;
void main() {
    if (v_seen < 0.25 || v_time < u_time_range.x || v_time > u_time_range.y) discard;
    if (v_height < u_section.x || v_height > u_section.y) discard;
    float age = u_trail > 0.0 ? (u_time_range.y - v_time) / u_trail : 0.0;
    if (age > 1.0) discard;
    frag_color = vec4(v_color, 1.0 - 0.92 * age * age);
}
"""
