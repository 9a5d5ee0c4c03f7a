// MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) of what events are made of: dictionaries with
// text keys, lists, text, numbers, booleans and null. No package is needed, and no code generation under IL2CPP.

using System;
using System.Collections;
using System.IO;
using System.Text;

public static class PlaytestMessagePack
{
    /// <summary>The bytes of a value. Throws ArgumentException for a type that an event cannot carry.</summary>
    public static byte[] Encode(object value)
    {
        using (var to = new MemoryStream())
        {
            Write(to, value);
            return to.ToArray();
        }
    }

    static void Write(Stream to, object value)
    {
        if (value == null) to.WriteByte(0xc0);
        else if (value is bool) to.WriteByte((byte)((bool)value ? 0xc3 : 0xc2));
        else if (value is string) WriteText(to, (string)value);
        else if (value is float) WriteBig(to, 0xca, BitConverter.GetBytes((float)value));
        else if (value is double || value is decimal) WriteNumber(to, Convert.ToDouble(value));
        else if (value is ulong) WriteBig(to, 0xcf, BitConverter.GetBytes((ulong)value));
        else if (value is Enum) WriteText(to, value.ToString());
        else if (value is sbyte || value is byte || value is short || value is ushort || value is int || value is uint
            || value is long) WriteInteger(to, Convert.ToInt64(value));
        else if (value is IDictionary) WriteMap(to, (IDictionary)value);
        else if (value is ICollection) WriteList(to, (ICollection)value);
        else throw new ArgumentException("an event cannot carry a " + value.GetType() + ": send text or numbers");
    }

    static void WriteMap(Stream to, IDictionary map)
    {
        WriteHead(to, map.Count, 0x80, 15, -1, 0xde, 0xdf);
        foreach (DictionaryEntry entry in map)
        {
            if (!(entry.Key is string)) throw new ArgumentException("keys must be text: " + entry.Key);
            WriteText(to, (string)entry.Key);
            Write(to, entry.Value);
        }
    }

    static void WriteList(Stream to, ICollection list)
    {
        WriteHead(to, list.Count, 0x90, 15, -1, 0xdc, 0xdd);
        foreach (var item in list) Write(to, item);
    }

    static void WriteNumber(Stream to, double number)
    {
        WriteBig(to, 0xcb, BitConverter.GetBytes(number));
    }

    static void WriteInteger(Stream to, long number)
    {
        if (number >= -32 && number < 128) to.WriteByte(unchecked((byte)number));
        else if (number == unchecked((int)number)) WriteBig(to, 0xd2, BitConverter.GetBytes((int)number));
        else WriteBig(to, 0xd3, BitConverter.GetBytes(number));
    }

    static void WriteText(Stream to, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        WriteHead(to, utf8.Length, 0xa0, 31, 0xd9, 0xda, 0xdb);
        to.Write(utf8, 0, utf8.Length);
    }

    // What has a length begins with a format byte that holds it, or is followed by it in 8, 16 or 32 bits.
    static void WriteHead(Stream to, int length, int fix, int fixMax, int format8, int format16, int format32)
    {
        if (length <= fixMax) to.WriteByte((byte)(fix | length));
        else if (format8 >= 0 && length <= byte.MaxValue) { to.WriteByte((byte)format8); to.WriteByte((byte)length); }
        else if (length <= ushort.MaxValue) WriteBig(to, (byte)format16, BitConverter.GetBytes((ushort)length));
        else WriteBig(to, (byte)format32, BitConverter.GetBytes((uint)length));
    }

    static void WriteBig(Stream to, byte format, byte[] bytes)
    {
        if (BitConverter.IsLittleEndian) Array.Reverse(bytes);
        to.WriteByte(format);
        to.Write(bytes, 0, bytes.Length);
    }
}
