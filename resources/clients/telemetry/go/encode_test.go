package telemetry

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	for want, value := range map[string]any{
		"c0":                 nil,
		"c3":                 true,
		"c2":                 false,
		"7f":                 127,
		"e0":                 int8(-32),
		"d3ffffffffffffffdf": -33,
		"d30000000000000080": 128,
		"cfffffffffffffffff": uint64(math.MaxUint64),
		"cb3ff8000000000000": float32(1.5),
		"a2c3a9":             "é",
		"9301c0a161":         []any{1, nil, "a"},
		"81a16b92cb0000000000000000cb0000000000000000": Fields{"k": [2]float64{}},
	} {
		got, err := Encode(value)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%v: got %x and %v, want %s", value, got, err, want)
		}
	}
}

func TestHeads(t *testing.T) {
	for length, want := range map[int]string{31: "bf", 32: "d920", 256: "da0100", 65536: "db00010000"} {
		got, _ := Encode(strings.Repeat("a", length))
		if head := hex.EncodeToString(got[:len(want)/2]); head != want || len(got) != len(want)/2+length {
			t.Errorf("text of %d: %s, %d bytes", length, head, len(got))
		}
	}
	for length, want := range map[int]string{15: "9f", 16: "dc0010", 65536: "dd00010000"} {
		got, _ := Encode(make([]int, length))
		if head := hex.EncodeToString(got[:len(want)/2]); head != want || len(got) != len(want)/2+length {
			t.Errorf("list of %d: %s, %d bytes", length, head, len(got))
		}
	}
}

func TestWhatAnEventCannotCarry(t *testing.T) {
	for _, value := range []any{make(chan int), map[int]string{1: "x"}, Fields{"f": func() {}}} {
		if _, err := Encode(value); err == nil {
			t.Errorf("%T was encoded", value)
		}
	}
}
