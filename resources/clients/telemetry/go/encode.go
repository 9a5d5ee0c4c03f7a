package telemetry

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
)

// Encode gives the MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) of what events are made of:
// maps with text keys, slices, text, numbers, booleans and nil.
func Encode(value any) ([]byte, error) { return appendValue(nil, reflect.ValueOf(value)) }

func appendValue(to []byte, value reflect.Value) ([]byte, error) {
	switch value.Kind() {
	case reflect.Invalid:
		return append(to, 0xc0), nil
	case reflect.Interface, reflect.Pointer:
		return appendValue(to, value.Elem())
	case reflect.Bool:
		if value.Bool() {
			return append(to, 0xc3), nil
		}
		return append(to, 0xc2), nil
	case reflect.String:
		return appendText(to, value.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return appendInteger(to, value.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.BigEndian.AppendUint64(append(to, 0xcf), value.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return binary.BigEndian.AppendUint64(append(to, 0xcb), math.Float64bits(value.Float())), nil
	case reflect.Slice, reflect.Array:
		return appendList(to, value)
	case reflect.Map:
		return appendMap(to, value)
	}
	return nil, fmt.Errorf("an event cannot carry a %s: send text or numbers", value.Type())
}

func appendList(to []byte, list reflect.Value) (_ []byte, err error) {
	to = appendHead(to, list.Len(), 0x90, 15, 0, 0xdc, 0xdd)
	for i := 0; i < list.Len() && err == nil; i++ {
		to, err = appendValue(to, list.Index(i))
	}
	return to, err
}

func appendMap(to []byte, fields reflect.Value) (_ []byte, err error) {
	if fields.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("keys must be text, not %s", fields.Type().Key())
	}
	to = appendHead(to, fields.Len(), 0x80, 15, 0, 0xde, 0xdf)
	for each := fields.MapRange(); each.Next() && err == nil; {
		to, err = appendValue(appendText(to, each.Key().String()), each.Value())
	}
	return to, err
}

func appendText(to []byte, text string) []byte {
	return append(appendHead(to, len(text), 0xa0, 31, 0xd9, 0xda, 0xdb), text...)
}

func appendInteger(to []byte, number int64) []byte {
	if number >= -32 && number < 128 {
		return append(to, byte(number))
	}
	return binary.BigEndian.AppendUint64(append(to, 0xd3), uint64(number))
}

// appendHead writes the format byte of what has a length: it holds that, or is followed by it in 8, 16 or 32 bits.
func appendHead(to []byte, length int, fix byte, fixMax int, format8, format16, format32 byte) []byte {
	switch {
	case length <= fixMax:
		return append(to, fix|byte(length))
	case format8 != 0 && length <= math.MaxUint8:
		return append(to, format8, byte(length))
	case length <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(to, format16), uint16(length))
	}
	return binary.BigEndian.AppendUint32(append(to, format32), uint32(length))
}
